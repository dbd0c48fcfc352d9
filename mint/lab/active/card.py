"""Render the card on Active MINT (``mint lab active``)."""
FIGURES = "active.json"
def render_active(p): pass
