"""What every service stands on: no medicine in it, and no service imported."""
