"""What stands in the cells of lists and tables, and in which lines."""
