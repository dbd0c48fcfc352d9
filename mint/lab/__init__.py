"""The offline wing: pools, twins, stores, auditors, controls and figures; ``mint lab`` is its shell."""
