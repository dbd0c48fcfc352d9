"""A look and a bundle to answers. Pure: no network runs here."""
