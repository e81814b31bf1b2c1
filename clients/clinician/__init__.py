"""The clinician's desktop app: who needs her now, why, what happened, and the answer two clicks away.

`models/` know (Qt models over the SDK's streams, no windows), `views/` show (widgets, no network), `app.py` wires both,
on one event loop.
"""
