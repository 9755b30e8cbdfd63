"""Contrast methods; importing this room registers them."""
