"""What this project's networks are made of: one architecture a file, and the canonical forms of light in front of them."""
