"""Losses that honour partial labels: what a set does not say has no gradient."""

from mskus.learn.losses.masks import mask_loss
from mskus.learn.losses.orientation import fascicle_loss

__all__ = ["fascicle_loss", "mask_loss"]
