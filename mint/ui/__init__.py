"""The page: how it is built, filled and served. Only the shell imports it."""
