"""gMINT on the twins: are gradients evidence, and what is found where the network is not reset between photos?"""
