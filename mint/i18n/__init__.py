"""What people read, in their language: sentences, labels and figures."""
