"""HTML of the tabs that teach and play."""
