"""Model cards and the README's tables, rendered from evaluations."""
