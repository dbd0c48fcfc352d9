"""Bundles: what ships for an audit, on disk, checked, found and shared."""
