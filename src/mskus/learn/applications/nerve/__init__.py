"""Nerves and vessels found the classical way: windows, texture, a classifier, votes and an active contour."""
