"""Alerts: the page of them, the strip over everything, the badge, the sound."""
