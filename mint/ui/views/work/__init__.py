"""What those who work with the test take away: many answers as a table, and pictures whose truth is known."""
