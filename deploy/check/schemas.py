"""Whether a cluster would take each object, and know every field of it."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
from jsonschema import Draft202012Validator
from kubernetes_validate import SchemaNotFoundError, ValidationError

from deploy.check.objects import Finding, Objects, where

KUBERNETES = "1.33"
"""The oldest version that has all that the manifests use: sidecars that end last."""
FOLDER = Path(__file__).parent / "schemas"


def schemas(objects: Objects) -> Iterator[Finding]:
    """Each object has its kind's fields, and no others; no two objects are the same."""
    seen: set[tuple[str, ...]] = set()
    for one in objects.all:
        yield from (Finding("schemas", where(one), problem) for problem in _problems(one))
        key = one["apiVersion"].partition("/")[0], where(one), one["metadata"].get("namespace", "")
        if key in seen:
            yield Finding("schemas", where(one), "is there twice")
        seen.add(key)


def _problems(one: Mapping[str, Any]) -> Iterator[str]:
    if validator := _custom(f"{one['kind']}.{one['apiVersion'].partition('/')[0]}".lower(), one["apiVersion"]):
        for error in validator.iter_errors(one):
            yield f"{'.'.join(map(str, error.path))}: {error.message[:120]}"
        return
    try:
        kubernetes_validate.validate(dict(one), KUBERNETES, strict=True)
    except ValidationError as error:
        yield f"{'.'.join(map(str, error.path))}: {error.message[:120]}"
    except SchemaNotFoundError:
        yield f"nobody knows {one['kind']} of {one['apiVersion']}"


@cache
def _custom(name: str, version: str) -> Draft202012Validator | None:
    """Of a kind that an operator brings."""
    file = FOLDER / f"{name}.json"
    if not file.exists():
        return None
    schema = json.loads(file.read_text())
    metadata = json.loads((FOLDER / "metadata.json").read_text())
    schema["properties"] |= {"apiVersion": {"const": version}, "kind": {"type": "string"}, "metadata": metadata}
    return Draft202012Validator(schema | {"additionalProperties": False, "required": ["metadata", "spec"]})
