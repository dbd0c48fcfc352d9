"""The shell: ``mint``, one file a group of commands. Heavy imports happen when a command runs."""
