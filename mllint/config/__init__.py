"""Configuration: the schema of ``[tool.mllint]``, how it is found and merged, and the settings it resolves to."""
