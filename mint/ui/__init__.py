"""The page: what a visitor sees and asks, made with Gradio. Only the shell imports it, and only ``page``, ``components``, ``labels``, ``tabs`` and ``server`` import Gradio."""
