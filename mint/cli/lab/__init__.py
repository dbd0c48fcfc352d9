"""``mint lab``: the offline wing in the shell, a file a stage."""
