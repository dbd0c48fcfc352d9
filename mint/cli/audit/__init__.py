"""``mint audit``: the command, what it keeps of a collection, and the further questions that it can ask."""
