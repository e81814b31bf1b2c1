"""Writing, checking, signing and taking back prescriptions in one consultation."""
