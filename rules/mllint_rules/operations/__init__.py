"""Rules about runs, their records and what they leave behind."""
