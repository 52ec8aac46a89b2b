"""mllint."""
