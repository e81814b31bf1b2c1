"""The contract as a value: every service, every method and its access rule, read from the generated descriptors."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import apricot
from apricot.access.v1 import access_pb2
from apricot.access.v1.access_pb2 import Role, Rule
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

_GEN = Path(next(iter(apricot.__path__)))


@dataclass(frozen=True)
class Method:
    """One method of the contract."""

    path: str
    """As in HTTP/2: `/apricot.glucose.v1.DiaryService/LogEntries`."""
    descriptor: MethodDescriptor
    rule: Rule | None
    """Who may call it; none: nobody."""

    @property
    def action(self) -> str:
        """The method's full name, as in the audit."""
        return self.path.removeprefix("/")


@cache
def services() -> tuple[ServiceDescriptor, ...]:
    """All services of the contract, by full name."""
    found = []
    for file in sorted(_GEN.rglob("*_pb2.py")):
        module = import_module("apricot." + ".".join(file.relative_to(_GEN).with_suffix("").parts))
        found += module.DESCRIPTOR.services_by_name.values()
    return tuple(sorted(found, key=lambda service: str(service.full_name)))


@cache
def methods() -> dict[str, Method]:
    """All methods of the contract by their path."""
    return {method.path: method for service in services() for method in _methods_of(service)}


def role_name(role: Role.ValueType) -> str:
    """A role as tokens name it: `ROLE_ADMIN` is `admin`."""
    return Role.Name(role).removeprefix("ROLE_").lower()


def _methods_of(service: ServiceDescriptor) -> Iterator[Method]:
    for descriptor in service.methods:
        options = descriptor.GetOptions()
        rule = options.Extensions[access_pb2.rule] if options.HasExtension(access_pb2.rule) else None
        yield Method(f"/{service.full_name}/{descriptor.name}", descriptor, rule)
