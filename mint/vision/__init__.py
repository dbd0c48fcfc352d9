"""Photo to aligned faces: decoding, detection, alignment."""
