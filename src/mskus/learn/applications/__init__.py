"""Applications end to end on the classical parts: muscle disease from echo texture, adequacy of the hip's plane."""
