"""Networks under audit: how they are opened, where they are tapped, what they show."""
