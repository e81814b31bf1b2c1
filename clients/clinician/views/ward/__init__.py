"""The board of all her patients."""
