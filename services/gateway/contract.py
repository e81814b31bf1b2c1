"""The contract as the gateway sees it: every method, who may call it and how it behaves."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from apricot.access.v1 import access_pb2
from google.api import annotations_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet, MethodDescriptorProto, MethodOptions

from kit.contract import role_name

PACKAGE = "apricot."


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

    @property
    def path(self) -> str:
        return f"/{self.service}/{self.name}"

    @property
    def unary(self) -> bool:
        return not (self.client_streaming or self.server_streaming)


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
                )


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
