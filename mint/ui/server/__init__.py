"""The server around Gradio: headers, limits, privacy, shutdown."""
