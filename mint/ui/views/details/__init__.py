"""What stands below an answer: layer by layer, where in the face, and since which version."""
