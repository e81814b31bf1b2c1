"""Alerts: which there are, who has them, what she does about them, and when they sound."""
