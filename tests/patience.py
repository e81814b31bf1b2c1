"""How long tests wait."""

from clients.sdk import Pace

PATIENCE = 300.0
"""Seconds after which a condition that never came to hold fails its test.

Only a failure waits so long. It is no measure of speed: a slow machine must pass too.
"""

PATIENT = Pace(call=120.0)
"""A client that repeats a call until a killed part is back, on a slow machine too."""
