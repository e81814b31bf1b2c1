"""An overlay's objects, as the checks look at them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.manifests import Manifest


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be."""

    policy: str
    where: str
    """`Kind/name`."""
    what: str


@dataclass(frozen=True, eq=False)
class Pods:
    """The pods that one object asks for."""

    owner: Manifest
    name: str
    namespace: str
    labels: Mapping[str, str]
    spec: Mapping[str, Any]

    @property
    def where(self) -> str:
        return where(self.owner)

    @property
    def called(self) -> str:
        """By its label: a Job's own name has a release in it."""
        return self.labels.get("app.kubernetes.io/name", self.name)

    def containers(self) -> Iterator[Manifest]:
        """Those that run and those that run before them."""
        yield from self.spec.get("initContainers", ())
        yield from self.spec["containers"]

    def serving(self) -> Iterator[Manifest]:
        """Those that run as long as the pod."""
        return (one for one in self.containers() if one in self.spec["containers"] or one.get("restartPolicy"))


class Objects:
    """All of one overlay."""

    def __init__(self, manifests: Iterable[Manifest]) -> None:
        self.all = list(manifests)

    def of_kind(self, *kinds: str) -> Iterator[Manifest]:
        return (one for one in self.all if one["kind"] in kinds)

    def find(self, kind: str, name: str, namespace: str = "") -> Manifest | None:
        found = (one for one in self.of_kind(kind) if one["metadata"]["name"] == name)
        return next((one for one in found if not namespace or one["metadata"].get("namespace") == namespace), None)

    def pods(self, *kinds: str) -> Iterator[Pods]:
        """Of these kinds, or of every workload."""
        for one in self.of_kind(*(kinds or ("Deployment", "StatefulSet", "DaemonSet", "Job"))):
            template = one["spec"]["template"]
            yield Pods(one, *_identity(one), template["metadata"].get("labels", {}), template["spec"])
        for one in self.of_kind("CronJob") if not kinds or "CronJob" in kinds else ():
            template = one["spec"]["jobTemplate"]["spec"]["template"]
            yield Pods(one, *_identity(one), template.get("metadata", {}).get("labels", {}), template["spec"])

    def data(self, kind: str, name: str, namespace: str) -> Mapping[str, str] | None:
        """The keys and values of a ConfigMap or a Secret, also of one that the cluster makes; none: there is no such
        object. A value that only the cluster knows is empty."""
        if found := self.find(kind, name, namespace):
            return {**found.get("data", {}), **found.get("stringData", {})}
        for one in self.of_kind("ExternalSecret", "Certificate") if kind == "Secret" else ():
            if _made_by(one) == (name, namespace):
                made: Mapping[str, str] = one["spec"].get("target", {}).get("template", {}).get("data", {})
                return made or dict.fromkeys(("tls.crt", "tls.key", "ca.crt"), "")
        return None


def where(one: Manifest) -> str:
    return f"{one['kind']}/{one['metadata']['name']}"


def matches(selector: Mapping[str, Any] | None, labels: Mapping[str, str]) -> bool:
    """A label selector; an empty one takes everything."""
    if selector is None:
        return False
    if any(labels.get(key) != value for key, value in selector.get("matchLabels", {}).items()):
        return False
    return all(_holds(one, labels) for one in selector.get("matchExpressions", ()))


def _holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values", ())
    return {
        "In": value in values,
        "NotIn": value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }[expression["operator"]]


def _identity(one: Manifest) -> tuple[str, str]:
    return one["metadata"]["name"], one["metadata"].get("namespace", "")


def _made_by(one: Manifest) -> tuple[str, str]:
    spec, (name, namespace) = one["spec"], _identity(one)
    return spec.get("secretName") or spec.get("target", {}).get("name") or name, namespace
