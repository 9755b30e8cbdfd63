"""Enhancement: one job each, no exam knowledge."""
