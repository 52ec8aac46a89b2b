"""From bytes to units: discovery, the guard in front of the parser, Python files, notebooks and their magics."""
