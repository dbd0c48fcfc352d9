"""Successive releases of one network, and what the sequence tells of each photo: since when it was used, whether it was taken out."""
