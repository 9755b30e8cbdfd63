"""Contrast methods; importing this room registers them.

luma_from_tint(rgb)                        a scanner's tinted grey back to grey levels
mean_brightness_error, entropy_bits, rms_contrast    what a method did, in numbers
"""

from mskus.enhance.contrast.compression import dynamic_range, gamma
from mskus.enhance.contrast.depth_gain import depth_gain
from mskus.enhance.contrast.equalisation import bbhe, dsihe, he, mmbebhe, rmshe, rsihe
from mskus.enhance.contrast.local import clahe
from mskus.enhance.contrast.multipurpose import mborbhe
from mskus.enhance.contrast.scores import entropy_bits, mean_brightness_error, rms_contrast
from mskus.enhance.contrast.tint import luma_from_tint

__all__ = [
    "bbhe", "clahe", "depth_gain", "dsihe", "dynamic_range", "entropy_bits", "gamma", "he", "luma_from_tint",
    "mborbhe", "mean_brightness_error", "mmbebhe", "rms_contrast", "rmshe", "rsihe",
]  # fmt: skip
