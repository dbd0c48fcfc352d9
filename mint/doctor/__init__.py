"""``mint doctor``: check this machine and its packages, and say how to fix what is wrong."""
