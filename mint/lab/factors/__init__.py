"""What a trainer can do to hide a photo, and what it costs in recognition: networks that differ from a base in one thing."""
