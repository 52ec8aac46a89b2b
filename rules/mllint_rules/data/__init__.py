"""Rules about where data and models come from, and whether it is the same data tomorrow."""
