"""Bytes in and out: files written whole, tensors, the Hub, where things lie, accepted licences."""
