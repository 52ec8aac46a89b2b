"""Rules about test data that reaches training."""
