"""What consult and the pharmacy both have to know of prescriptions: what the formulary says of one in the contract's
words, whether one is genuine, and which findings let it pass. A library: it knows no service."""
