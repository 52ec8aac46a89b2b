"""From selected rules and files to results: dispatch, the fix loop, positions, the cache, processes."""
