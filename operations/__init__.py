"""What an operator does with the data: backups, restores, audits, hand-overs. Knows services' stores and exports."""
