"""Rules about calls of language models, prompts and what comes back."""
