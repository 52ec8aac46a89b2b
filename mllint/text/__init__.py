"""Text, and places in it: ranges, lines, edits. Knows nothing of Python, notebooks or rules."""
