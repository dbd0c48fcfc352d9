"""The torch modules that this project defines: one architecture a file; ``architectures`` builds and loads them."""
