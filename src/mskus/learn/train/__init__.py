"""Training: one typed configuration, one run that can be stopped and resumed, folds by patient, transfer."""
