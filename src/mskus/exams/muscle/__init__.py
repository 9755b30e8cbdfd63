"""The muscle exam."""
