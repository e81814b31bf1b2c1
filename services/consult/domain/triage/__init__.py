"""From a complaint to departments: rules over symptoms, kept as data in `store/data/triage/`."""
