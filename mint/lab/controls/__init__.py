"""Controls: stand-ins and shuffled labels that cannot know membership."""
