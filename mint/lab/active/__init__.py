"""Active MINT: a network and its auditor trained together, and what the auditor says of photos that were kept from it."""
