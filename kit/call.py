"""One call under way: who calls, with which token, until when. Every RPC method takes it beside its request."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address, ip_address, ip_network
from uuid import UUID

from kit.contract import Method
from kit.views import EVERYTHING, NOTHING, View

THROUGH_GATEWAY = "x-apricot-through-gateway"
"""The header that the gateway sets on every call, and drops when a client sends it."""

ROLES_BY_NOW = "/roles-by-now"
"""Where the gateway asks identity, before it refuses a call for its role, whether the account has one by now."""
HOLDS_ROLE = "x-apricot-holds-role"
"""The header of identity's answer when it has."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The bearer of a verified token."""

    account_id: UUID
    """The account, or for a service a name-based UUID of its name."""
    session_id: UUID
    roles: frozenset[str]
    """As in tokens: "patient", "clinician", …"""
    expire_time: datetime
    """When the token ends."""

    def has(self, *roles: str) -> bool:
        """Whether the caller has any of these roles."""
        return not self.roles.isdisjoint(roles)


@dataclass(slots=True)
class Call:
    """One call, from its metadata to its end."""

    method: Method
    request_id: str
    """Names the call in logs, traces and errors; not the `request_id` of a mutation."""
    token: str = field(default="", repr=False)
    """The caller's access token, to be handed on to other services."""
    peer_address: str = ""
    """The client's address as the gateway saw it."""
    through_gateway: bool = False
    """Whether the call came from outside the platform."""
    signed_in: Caller | None = None
    views: dict[UUID, View] = field(default_factory=dict)
    """What the caller may see of each other patient that the request names."""

    @property
    def peer_network(self) -> str:
        """Return what counts as one client: the address in IPv4, its /64 in IPv6; empty for a call from inside."""
        return network_of(self.peer_address)

    @property
    def caller(self) -> Caller:
        """The caller of a method that is not public."""
        assert self.signed_in is not None, "a public method has no caller"  # noqa: S101
        return self.signed_in

    def view(self, patient: UUID) -> View:
        """What the caller may see of a patient that the request names."""
        return EVERYTHING if patient == self.caller.account_id else self.views.get(patient, NOTHING)


def network_of(address: str) -> str:
    """Return the network that one client has: a household or a server has a /64 of IPv6, and every address in it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ip_network((int(parsed) & ~((1 << 64) - 1), 64)))


current: ContextVar[Call | None] = ContextVar("current_call", default=None)
"""The call under way in this task, for log lines alone; code takes the `Call` as an argument."""
