"""Auditors fitted on crops or on a store, fused, calibrated and held against their controls."""
