"""Which reason each exception of the domain and the store becomes."""

from kit.chain import DomainErrors

ERRORS: DomainErrors = {}
