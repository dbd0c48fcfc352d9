"""The page. Nothing here is imported by the rest of the package, and only ``page``, ``parts``, ``labels`` and ``tabs`` import gradio."""
