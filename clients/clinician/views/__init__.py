"""What the app shows. No network: a view reads its model, and calls its methods, which return at once."""
