"""Texture beyond the IBSI: filter banks, binary patterns, fractal, blobs and edges."""
