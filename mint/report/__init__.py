"""An audit on paper: a JSON document is the truth (``schema.json``), HTML and PDF are rendered from it."""
