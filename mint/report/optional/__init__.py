"""Parts that a report has only where they were asked for."""
