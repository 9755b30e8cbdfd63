"""Segmentation: masks to structures."""
