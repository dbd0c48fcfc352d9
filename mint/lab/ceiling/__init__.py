"""The ceiling: how much more the strongest attacks with reference networks find than auditors that need none."""
