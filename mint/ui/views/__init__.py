"""From answers to HTML: one function a part of the page, no state."""
