"""How evidence of membership falls with the size of the training set: nested sets, a network for each, a law through them."""
