"""A container's environment, as its manifest declares it and no more."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass

from deploy.manifests import Manifest
from deploy.rehearsal.manifests import Data, Objects, Unsupported

_LABEL = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")
_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_][\w.-]*)\)")


class NotDeclared(Exception):
    """A container asks for a key that no ConfigMap or Secret has: in a cluster it would never start."""


@dataclass(frozen=True)
class Identity:
    """What a pod can learn of itself."""

    name: str
    namespace: str
    address: str
    metadata: Manifest

    def field(self, path: str) -> str:
        """By the downward API's path."""
        fixed = {
            "metadata.name": self.name,
            "metadata.namespace": self.namespace,
            "metadata.uid": self.name,
            "status.podIP": self.address,
            "status.podIPs": self.address,
            "spec.nodeName": "rehearsal",
        }
        if path in fixed:
            return fixed[path]
        if found := _LABEL.fullmatch(path):
            return str((self.metadata.get(found[1]) or {}).get(found[2], ""))
        raise Unsupported(f"fieldRef {path}")


def environment(container: Manifest, pod: Identity, objects: Objects, program_path: str) -> dict[str, str]:
    """All of it. Errors: NotDeclared, Unsupported."""
    found = {"PATH": f"{program_path}{os.pathsep}{os.defpath}", "HOME": "/", "HOSTNAME": pod.name}
    for source in container.get("envFrom") or []:
        prefix = source.get("prefix", "")
        found |= {f"{prefix}{key}": value.decode() for key, value in _whole(source, objects).items()}
    for variable in container.get("env") or []:
        value = _value(variable, pod, objects)
        if value is not None:
            found[variable["name"]] = expand(value, found)
    return found


def expand(text: str, variables: dict[str, str]) -> str:
    """`$(NAME)` is the variable, where there is one; `$$` is a dollar."""

    def replace(found: re.Match[str]) -> str:
        return "$" if found[0] == "$$" else variables.get(found[1], found[0])

    return _REFERENCE.sub(replace, text)


def _whole(source: Manifest, objects: Objects) -> Data:
    for kind, known in (("configMapRef", objects.config_maps), ("secretRef", objects.secrets)):
        if reference := source.get(kind):
            if reference["name"] in known:
                return known[reference["name"]]
            if reference.get("optional"):
                return {}
            raise NotDeclared(f"{kind} {reference['name']}")
    raise Unsupported(f"envFrom {sorted(source)}")


def _value(variable: Manifest, pod: Identity, objects: Objects) -> str | None:
    origin = variable.get("valueFrom")
    if origin is None:
        return str(variable.get("value", ""))
    kinds: dict[str, Callable[[Manifest], str | None]] = {
        "fieldRef": lambda one: pod.field(one["fieldPath"]),
        "configMapKeyRef": lambda one: _key(one, objects.config_maps),
        "secretKeyRef": lambda one: _key(one, objects.secrets),
    }
    ((kind, reference),) = origin.items()
    if kind not in kinds:
        raise Unsupported(f"valueFrom {kind}")
    return kinds[kind](reference)


def _key(reference: Manifest, known: dict[str, Data]) -> str | None:
    value = known.get(reference["name"], {}).get(reference["key"])
    if value is not None:
        return value.decode()
    if reference.get("optional"):
        return None
    raise NotDeclared(f"{reference['key']} of {reference['name']}")
