"""Rules about names, arguments and values that libraries have removed."""
