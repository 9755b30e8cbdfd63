"""Many clips on one machine."""
