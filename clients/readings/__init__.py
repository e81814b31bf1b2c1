"""What a client shows of readings and alerts, whichever screen it draws on. No network, no widgets."""
