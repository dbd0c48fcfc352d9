"""From scores to evidence: metrics, intervals, p-values, fusion and verdicts, in plain NumPy and SciPy."""
