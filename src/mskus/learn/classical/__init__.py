"""Classical learning: selection, classifiers, nested cross-validation, models that are kept safely. No torch."""
