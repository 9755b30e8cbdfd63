"""Texture beyond the IBSI: filter banks, binary patterns, fractal, blobs and edges. Importing it registers them."""

from mskus.features.texture.blobs import blob_features
from mskus.features.texture.edges import edge_features
from mskus.features.texture.fractal import fractal_features
from mskus.features.texture.gabor_bank import gabor_features
from mskus.features.texture.laplacian import log_features
from mskus.features.texture.local_binary import lbp_features, local_binary_codes
from mskus.features.texture.median_binary import MedianBinaryPattern, mbp_features, median_binary_codes
from mskus.features.texture.wavelet import wavelet_features

__all__ = [
    "MedianBinaryPattern",
    "blob_features",
    "edge_features",
    "fractal_features",
    "gabor_features",
    "lbp_features",
    "local_binary_codes",
    "log_features",
    "mbp_features",
    "median_binary_codes",
    "wavelet_features",
]
