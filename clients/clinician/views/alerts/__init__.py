"""Alerts: the page of them, the strip over everything, the sound."""
