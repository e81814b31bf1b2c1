"""One patient."""
