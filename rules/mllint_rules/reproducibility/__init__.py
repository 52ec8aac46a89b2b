"""Rules about results that cannot be produced again."""
