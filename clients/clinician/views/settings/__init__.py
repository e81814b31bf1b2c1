"""What a clinician chooses for herself."""
