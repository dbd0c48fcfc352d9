"""A network trained with differential privacy, the same network trained plainly, and what auditors find in each."""
