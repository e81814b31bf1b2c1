"""All her patients at a glance, live."""
