"""What programs may send, and how they are answered."""
