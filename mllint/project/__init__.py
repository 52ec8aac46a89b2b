"""Facts about the repository as a whole: dependencies and versions, entry points, imports."""
