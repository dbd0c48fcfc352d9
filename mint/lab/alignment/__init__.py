"""Training of the aligner: the network that lays the crop of a face alike, whatever was done to its photo."""
