"""Features of the image biomarker standardisation initiative (IBSI), and shape."""
