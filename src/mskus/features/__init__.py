"""Features: orientation, echo intensity."""
