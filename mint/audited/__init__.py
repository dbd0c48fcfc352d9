"""Audited networks: how a network is opened, what it is fed, and where its activation maps are read."""
