"""What is taken as a photo of a meal."""

MOST_BYTES = 8 << 20
"""Of a photo as it is uploaded."""
