"""Rules about code that runs on one machine only."""
