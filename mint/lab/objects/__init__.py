"""MINT for classifiers of objects (arXiv 2601.12929): two networks on complementary halves of pictures, audited layer by layer."""
