"""The nerve exam: nerves and vessels in cross-section, in stills and clips."""
