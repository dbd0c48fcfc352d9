"""The five things to do on the page, a module each. Each makes gradio's components and wires them to values rendered elsewhere."""
