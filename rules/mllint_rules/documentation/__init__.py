"""Rules about what is written down about data, code and models."""
