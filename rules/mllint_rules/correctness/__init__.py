"""Rules about code that does not do what it seems to."""
