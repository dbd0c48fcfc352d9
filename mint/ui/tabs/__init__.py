"""The six tabs of the page: each makes gradio's components and wires them to values."""
