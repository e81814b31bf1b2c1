"""Whether each program is given the settings that it has, and all that it needs."""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError
from pydantic_settings import BaseSettings

from deploy.check.objects import Finding, Objects, Pods
from services.consult.settings import ConsultSettings
from services.gateway.settings import GatewaySettings
from services.glucose.settings import GlucoseSettings
from services.identity.main import IdentitySettings
from services.pharmacy.settings import PharmacySettings

CLASSES: Mapping[str, type[BaseSettings]] = {
    "consult": ConsultSettings,
    "gateway": GatewaySettings,
    "glucose": GlucoseSettings,
    "identity": IdentitySettings,
    "pharmacy": PharmacySettings,
}
FOLDER = "APRICOT_GATEWAY_SETTINGS_FOLDER"
"""Not a setting: where the gateway finds them as files."""
PREFIX = "APRICOT_"


def settings(objects: Objects) -> Iterator[Finding]:
    """Every `APRICOT_…` that a program gets is a setting of it, with a value that it takes; none is missing."""
    for pods in objects.pods():
        for container in pods.containers():
            if (chosen := settings_class(container)) is None:
                continue
            given, fields = variables(objects, pods, container), _fields(chosen)
            for name, value in given.items():
                if not name.startswith(PREFIX) or name == FOLDER:
                    continue
                if name not in fields:
                    yield Finding("settings", pods.where, f"{name} is no setting of {chosen.__name__}")
                elif value and not _takes(fields[name], value):
                    yield Finding("settings", pods.where, f"{name} has a value that cannot be")
            for name, field in fields.items():
                if field.is_required() and name not in given:
                    yield Finding("settings", pods.where, f"{name} is not given")


def settings_class(container: Mapping[str, Any]) -> type[BaseSettings] | None:
    """Of `python -m services.NAME.…`; none: it is no such program."""
    module = next((word for word in container.get("command", ()) if word.startswith("services.")), "")
    return CLASSES[module.split(".")[1]] if module else None


def variables(objects: Objects, pods: Pods, container: Mapping[str, Any]) -> dict[str, str]:
    """What a container is told, by name; empty: only the cluster knows."""
    given: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        if reference := source.get("configMapRef"):
            given |= objects.data("ConfigMap", reference["name"], pods.namespace) or {}
        if reference := source.get("secretRef"):
            given |= dict.fromkeys(objects.data("Secret", reference["name"], pods.namespace) or {}, "")
    given |= {one["name"]: one.get("value", "") for one in container.get("env", ())}
    if FOLDER in given:
        mounted = [one["name"] for one in container["volumeMounts"] if one["mountPath"] == given[FOLDER]]
        for volume in pods.spec["volumes"]:
            if volume["name"] in mounted:
                given |= objects.data("ConfigMap", volume["configMap"]["name"], pods.namespace) or {}
    return given


def _fields(chosen: type[BaseSettings]) -> dict[str, Any]:
    prefix = str(chosen.model_config["env_prefix"])
    return {f"{prefix}{name.upper()}": field for name, field in chosen.model_fields.items()}


def _takes(field: Any, value: str) -> bool:
    adapter = TypeAdapter[Any](Annotated[field.annotation, field])
    try:
        adapter.validate_python(json.loads(value) if value[0] in "[{" else value)
    except (ValidationError, json.JSONDecodeError):
        return False
    return True
