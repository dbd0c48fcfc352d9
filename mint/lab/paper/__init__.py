"""The papers' cross-database protocol on any recogniser, with the controls beside it."""
