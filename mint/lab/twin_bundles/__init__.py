"""Bundles of the twins: made from pool and ledger, packed, scored anew and compared."""
