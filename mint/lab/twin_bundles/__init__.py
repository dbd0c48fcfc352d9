"""The twins' bundles, from pool and ledger."""
