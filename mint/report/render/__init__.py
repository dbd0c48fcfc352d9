"""Blocks of a report as HTML and PDF."""
