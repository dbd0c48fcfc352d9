"""From what networks showed to answers about a photo, person, folder or series. No network runs here."""
