"""``mint doctor``: what this machine and what is installed on it can do, and what to do about what is wrong."""
