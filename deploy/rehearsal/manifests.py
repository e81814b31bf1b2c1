"""The objects of an overlay, as the rehearsal looks them up."""

import base64
from collections.abc import Iterable, Iterator, Mapping

from deploy.manifests import Manifest

type Data = dict[str, bytes]
"""What a ConfigMap or a Secret holds, by key."""


class Unsupported(Exception):
    """A manifest asks for something that the rehearsal does not play. It is never passed over in silence."""


class Objects:
    """All objects of one overlay."""

    def __init__(self, objects: Iterable[Manifest]) -> None:
        self.all = list(objects)
        self.config_maps = {name_of(one): _text(one) for one in self.of_kind("ConfigMap")}
        self.secrets = {name_of(one): _secret(one) for one in self.of_kind("Secret")}

    def of_kind(self, *kinds: str) -> Iterator[Manifest]:
        return (one for one in self.all if one["kind"] in kinds)

    def find(self, kind: str, name: str) -> Manifest:
        return next(one for one in self.of_kind(kind) if name_of(one) == name)

    @property
    def namespace(self) -> str:
        return next(str(one["metadata"]["namespace"]) for one in self.all if "namespace" in one["metadata"])


def name_of(one: Manifest) -> str:
    return str(one["metadata"]["name"])


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether a selector of equalities takes something with these labels; an empty one takes nothing."""
    return bool(selector) and selector.items() <= labels.items()


def _text(one: Manifest) -> Data:
    return {key: value.encode() for key, value in (one.get("data") or {}).items()}


def _secret(one: Manifest) -> Data:
    plain = {key: value.encode() for key, value in (one.get("stringData") or {}).items()}
    return {key: base64.b64decode(value) for key, value in (one.get("data") or {}).items()} | plain
