"""Roles: who an account may be, and what of that counts in a session."""

from collections.abc import Iterable
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5


class Role(StrEnum):
    """As in access tokens."""

    PATIENT = "patient"
    CLINICIAN = "clinician"
    PHARMACIST = "pharmacist"
    COURIER = "courier"
    ADMIN = "admin"
    SERVICE = "service"


CLINICAL = frozenset({Role.CLINICIAN, Role.PHARMACIST})
"""Those who treat and dispense."""

NEED_SECOND_FACTOR = CLINICAL | {Role.ADMIN}
"""Without a second factor these are held, but do not count."""


def service_account(service: str) -> UUID:
    """Return the account id in a service's tokens."""
    return uuid5(NAMESPACE_URL, f"apricot:service:{service}")


def held(given: Iterable[str], licensed: Iterable[str]) -> list[Role]:
    """Everything an account may be, in the order of `Role`: a patient always, what was given, what licences give."""
    found = {Role.PATIENT, *map(Role, given), *map(Role, licensed)}
    return [role for role in Role if role in found]


def effective(roles: Iterable[Role], second_factor: bool) -> list[Role]:
    """The roles that count in a session opened with or without a second factor."""
    return [role for role in roles if second_factor or role not in NEED_SECOND_FACTOR]


def waits_for_second_factor(roles: Iterable[Role], second_factor: bool) -> bool:
    """Whether some role does not count for want of a second factor."""
    return not second_factor and not NEED_SECOND_FACTOR.isdisjoint(roles)
