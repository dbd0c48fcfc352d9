"""The bundled networks: fictional people, the ledger of who trained which twin, training, examples."""
