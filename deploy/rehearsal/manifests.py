"""The objects of an overlay, as the rehearsal looks them up."""

import base64
from collections.abc import Iterable, Iterator, Mapping

from deploy.manifests import Manifest

type Data = dict[str, bytes]
"""What a ConfigMap or a Secret holds, by key."""


class Unsupported(Exception):
    """A manifest asks for something that the rehearsal does not play. It is never passed over in silence."""


class Objects:
    """All objects of one overlay; what is looked up is of the services' namespace."""

    def __init__(self, objects: Iterable[Manifest]) -> None:
        self.all = list(objects)
        self.namespace = next(str(one["metadata"]["namespace"]) for one in self.all if _is_gateway(one))
        self.config_maps = {name_of(one): _text(one) for one in self.of_kind("ConfigMap")}
        self.secrets = {name_of(one): _secret(one) for one in self.of_kind("Secret")}

    def of_kind(self, kind: str) -> Iterator[Manifest]:
        return (one for one in self.all if one["kind"] == kind and self._is_here(one))

    def find(self, kind: str, name: str) -> Manifest | None:
        return next((one for one in self.of_kind(kind) if name_of(one) == name), None)

    def replicas(self, workload: Manifest) -> int:
        """As declared; where a scaler decides, as few as it may leave."""
        scaler = self.find("HorizontalPodAutoscaler", name_of(workload))
        fewest = scaler["spec"].get("minReplicas", 1) if scaler else 1
        return int(workload["spec"].get("replicas", fewest))

    def _is_here(self, one: Manifest) -> bool:
        return bool(one["metadata"].get("namespace", self.namespace) == self.namespace)


def _is_gateway(one: Manifest) -> bool:
    return one["kind"] == "Service" and name_of(one) == "gateway"


def name_of(one: Manifest) -> str:
    return str(one["metadata"]["name"])


def generated(names: Iterable[str], name: str) -> str:
    """A ConfigMap's or Secret's own name: kustomize appends a hash to those that it makes."""
    return next(one for one in names if one == name or one.rpartition("-")[0] == name)


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether a selector of equalities takes something with these labels; an empty one takes nothing."""
    return bool(selector) and selector.items() <= labels.items()


def _text(one: Manifest) -> Data:
    return {key: value.encode() for key, value in (one.get("data") or {}).items()}


def _secret(one: Manifest) -> Data:
    plain = {key: value.encode() for key, value in (one.get("stringData") or {}).items()}
    return {key: base64.b64decode(value) for key, value in (one.get("data") or {}).items()} | plain
