"""Stores: what a network showed for many photos, extracted once and read by row."""
