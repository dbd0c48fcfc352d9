"""What the server holds of visitors while they are there."""
