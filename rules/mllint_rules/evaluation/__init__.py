"""Rules about how models are judged."""
