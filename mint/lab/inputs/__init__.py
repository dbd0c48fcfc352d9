"""Photos to read: folders, lists, tables and archives of them, who is on each, which side and split it is of."""
