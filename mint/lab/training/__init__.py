"""Auditors fitted on a store, fused, calibrated and held against their controls."""
