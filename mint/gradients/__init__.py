"""Gradients of a face: what a training step on it would change, and what that may say."""
