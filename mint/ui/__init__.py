"""The page. Nothing here is imported by the rest of the package, and only ``page`` imports gradio."""
