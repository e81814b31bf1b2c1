"""Writing, checking, signing and reading prescriptions."""
