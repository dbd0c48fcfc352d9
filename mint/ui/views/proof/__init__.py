"""HTML of the tab that says how the test was checked."""
