"""What is known of one patient."""
