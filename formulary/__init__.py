"""What is unsafe about a prescription: rules over data files that can be replaced. A library of its own: it does no I/O
but reading these files, and knows nothing of services. Begin at `formulary.check`."""
