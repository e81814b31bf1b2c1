"""Consultations: who asks, the talk, and what is known beside it."""
