"""The contract as the gateway sees it: every method, who may call it and how it behaves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from apricot.access.v1 import access_pb2
from google.api import annotations_pb2
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor_pb2 import FileDescriptorSet, MethodDescriptorProto, MethodOptions

from kit.contract import role_name

PACKAGE = "apricot."
_VERBS = "get", "put", "post", "delete", "patch"


@dataclass(frozen=True)
class Method:
    """One RPC. `callers` are its roles, or everybody, or everybody with a valid token."""

    service: str
    name: str
    upstream: str
    callers: frozenset[str] | Literal["public", "signed_in"]
    read: bool = False
    """Changes nothing: it may be sent twice."""
    client_streaming: bool = False
    server_streaming: bool = False
    verbs: frozenset[str] = frozenset()
    """The HTTP methods of its JSON routes."""
    path_fields: frozenset[str] = field(default_factory=frozenset)
    """The request's fields that the paths of its JSON routes hold."""

    @property
    def path(self) -> str:
        return f"/{self.service}/{self.name}"

    @property
    def unary(self) -> bool:
        return not (self.client_streaming or self.server_streaming)

    @property
    def for_services_alone(self) -> bool:
        """Whether nobody outside may call it: the gateway has no route to it."""
        return self.callers == frozenset({"service"})

    @property
    def cluster(self) -> str:
        """Where its calls go. Calls without a token never take the connections or the places of those with one, nor do
        streams without a token those of calls."""
        if self.callers != "public":
            return self.upstream
        return f"{self.upstream}-public" if self.unary else f"{self.upstream}-public-streams"


class NoRule(ValueError):
    """A method does not say who may call it."""


def load(path: Path) -> FileDescriptorSet:
    return FileDescriptorSet.FromString(path.read_bytes())


def methods(files: FileDescriptorSet) -> list[Method]:
    """Every method of the contract; one without an access rule is refused."""
    return list(_methods(files))


def services(files: FileDescriptorSet) -> list[str]:
    return [f"{file.package}.{service.name}" for file in files.file for service in file.service if _ours(file.package)]


def _methods(files: FileDescriptorSet) -> Iterator[Method]:
    for file in files.file:
        if not _ours(file.package):
            continue
        for service in file.service:
            for method in service.method:
                yield Method(
                    service=f"{file.package}.{service.name}",
                    name=method.name,
                    upstream=file.package.split(".")[1],
                    callers=_callers(f"{file.package}.{service.name}.{method.name}", method),
                    read=_read(method),
                    client_streaming=method.client_streaming,
                    server_streaming=method.server_streaming,
                    **_json(method.options.Extensions[annotations_pb2.http]),
                )


def _json(rule: HttpRule) -> dict[str, frozenset[str]]:
    """Return the verbs and path fields of a method's JSON routes."""
    rules = [one for one in (rule, *rule.additional_bindings) if one.WhichOneof("pattern") in _VERBS]
    verbs = [str(one.WhichOneof("pattern")) for one in rules]
    paths = [getattr(one, verb) for one, verb in zip(rules, verbs, strict=True)]
    fields = [name for path in paths for name in re.findall(r"\{([\w.]+)", path)]
    return {"verbs": frozenset(verb.upper() for verb in verbs), "path_fields": frozenset(fields)}


def _ours(package: str) -> bool:
    return package.startswith(PACKAGE)


def _callers(name: str, method: MethodDescriptorProto) -> frozenset[str] | Literal["public", "signed_in"]:
    rule = method.options.Extensions[access_pb2.rule]
    match rule.WhichOneof("callers"):
        case "public" if rule.public:
            return "public"
        case "signed_in" if rule.signed_in:
            return "signed_in"
        case "roles" if rule.roles.any_of:
            return frozenset(role_name(role) for role in rule.roles.any_of)
    raise NoRule(f"{name} does not say who may call it")


def _read(method: MethodDescriptorProto) -> bool:
    """What is a GET in HTTP, or says so by protobuf's own option."""
    http = method.options.Extensions[annotations_pb2.http]
    return http.WhichOneof("pattern") == "get" or method.options.idempotency_level == MethodOptions.NO_SIDE_EFFECTS
