"""The page. Only the shell imports it, and only ``page``, ``components``, ``labels``, ``tabs`` and ``server`` import Gradio."""
