"""From the scores that ship with a bundle to every figure that is reported about it."""
