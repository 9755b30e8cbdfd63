"""Despeckling filters; importing this room registers them."""
