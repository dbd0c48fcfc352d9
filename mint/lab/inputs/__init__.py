"""Where photos lie, and who is used for what."""
