"""What the app knows. No windows: a model tells by signals, and is tested without a screen."""
