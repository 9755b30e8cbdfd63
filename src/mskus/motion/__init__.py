"""Motion between frames and smoothing over time."""
