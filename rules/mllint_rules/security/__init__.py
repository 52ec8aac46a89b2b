"""Rules about what must not be in the code."""
