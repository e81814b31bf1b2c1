"""All checks of an overlay's objects, in the order in which they are shown."""

from collections.abc import Callable, Iterator

from deploy.check import network, pods, schemas, settings, wiring
from deploy.check.objects import Finding, Objects

type Policy = Callable[[Objects], Iterator[Finding]]

POLICIES: tuple[Policy, ...] = (
    schemas.schemas,
    pods.unprivileged,
    pods.no_token,
    pods.bounded,
    pods.probed,
    pods.pinned,
    pods.drained,
    pods.spread,
    wiring.references,
    wiring.separate,
    wiring.services,
    wiring.selected,
    wiring.budgeted,
    wiring.scaled,
    settings.settings,
    network.denied,
    network.allowed,
)
