"""One visitor's state, in memory only: values in, values out."""
