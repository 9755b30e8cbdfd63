"""Simulator: phantoms with exact truth."""
