"""Consultations: who asks, what is said, whether prescribing is allowed, and how it ends."""
