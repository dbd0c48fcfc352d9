"""What a browser gets before Gradio is imported: an address that answers, and a screen with faces and answers."""
