"""What an answer says in words, as blocks that any format can render."""
