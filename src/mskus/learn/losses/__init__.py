"""Losses that honour partial labels: what a set does not say has no gradient."""

from mskus.learn.losses.boundary import boundary, signed_distance
from mskus.learn.losses.masks import TERMS, SegmentationLoss
from mskus.learn.losses.orientation import fascicle_loss
from mskus.learn.losses.terms import bce, cldice, dice, focal, soft_skeleton

__all__ = [
    "TERMS",
    "SegmentationLoss",
    "bce",
    "boundary",
    "cldice",
    "dice",
    "fascicle_loss",
    "focal",
    "signed_distance",
    "soft_skeleton",
]
