"""What rules say: diagnostics, their fixes, and the suppressions that silence them."""
