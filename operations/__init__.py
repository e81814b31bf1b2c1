"""What an operator does with the data: backups, restores, audits, hand-overs. Knows the services' stores, no RPC."""
