"""Reports: what is kept of an answer, as JSON (``schema.json``), and rendered from it as HTML and PDF."""
