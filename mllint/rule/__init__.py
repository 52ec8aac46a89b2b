"""The rule contract: rules and their hooks, options, the context they report through, packs, selection."""
