"""The window of a call."""
