"""Several photos of one person: the test, how it is fitted, and what it is worth."""
