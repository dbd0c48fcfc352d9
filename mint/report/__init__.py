"""Reports: a JSON document (``schema.json``), from which HTML and PDF are rendered."""
