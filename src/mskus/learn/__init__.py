"""Learning: data sets, networks, training, export. The only room that may import torch."""
