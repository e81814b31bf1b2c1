"""A container gets the environment that its manifest declares, and nothing else."""

import base64
from typing import Any

import pytest

from deploy.manifests import Manifest
from deploy.rehearsal.environment import Identity, NotDeclared, environment
from deploy.rehearsal.manifests import Objects, Unsupported

GATEWAY: Manifest = {"kind": "Service", "metadata": {"name": "gateway", "namespace": "clinic"}, "spec": {}}
OBJECTS = Objects(
    [
        GATEWAY,
        {"kind": "ConfigMap", "metadata": {"name": "plain"}, "data": {"COLOUR": "green", "SIZE": "9"}},
        {"kind": "Secret", "metadata": {"name": "sealed"}, "data": {"WORD": base64.b64encode(b"plum").decode()}},
        {"kind": "Secret", "metadata": {"name": "elsewhere", "namespace": "other"}, "stringData": {"WORD": "no"}},
    ]
)
POD = Identity("kiosk-1", "clinic", "10.0.0.9", {"labels": {"app": "kiosk"}})


def given(*env: dict[str, Any], sources: tuple[dict[str, Any], ...] = ()) -> dict[str, str]:
    return environment({"name": "one", "env": list(env), "envFrom": list(sources)}, POD, OBJECTS, "/venv/bin")


def test_every_kind_of_source_is_resolved() -> None:
    found = given(
        {"name": "HOST", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "ME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "APP", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['app']"}}},
        {"name": "HUE", "valueFrom": {"configMapKeyRef": {"name": "plain", "key": "COLOUR"}}},
        {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "sealed", "key": "WORD"}}},
        {"name": "URL", "value": "db://user:$(PASSWORD)@$(HOST)/$$(HOST)$(UNKNOWN)"},
        sources=({"configMapRef": {"name": "plain"}, "prefix": "P_"}, {"secretRef": {"name": "sealed"}}),
    )
    assert found == {
        "PATH": found["PATH"],
        "HOME": "/",
        "HOSTNAME": "kiosk-1",
        "P_COLOUR": "green",
        "P_SIZE": "9",
        "WORD": "plum",
        "HOST": "10.0.0.9",
        "ME": "kiosk-1",
        "APP": "kiosk",
        "HUE": "green",
        "PASSWORD": "plum",
        "URL": "db://user:plum@10.0.0.9/$(HOST)$(UNKNOWN)",
    }


def test_nothing_is_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APRICOT_DATABASE_URL", "postgresql://nobody@nowhere")
    assert "APRICOT_DATABASE_URL" not in given()


@pytest.mark.parametrize(
    ("env", "sources"),
    [
        ({"name": "A", "valueFrom": {"secretKeyRef": {"name": "sealed", "key": "ABSENT"}}}, ()),
        ({"name": "A", "valueFrom": {"secretKeyRef": {"name": "elsewhere", "key": "WORD"}}}, ()),
        ({"name": "A", "value": ""}, ({"configMapRef": {"name": "absent"}},)),
    ],
)
def test_what_nobody_declares_is_an_error(env: dict[str, Any], sources: tuple[dict[str, Any], ...]) -> None:
    with pytest.raises(NotDeclared):
        given(env, sources=sources)


def test_what_is_optional_may_be_absent() -> None:
    absent = {"name": "A", "valueFrom": {"secretKeyRef": {"name": "none", "key": "B", "optional": True}}}
    assert "A" not in given(absent, sources=({"secretRef": {"name": "none", "optional": True}},))


def test_a_source_that_is_not_played_is_no_silence() -> None:
    with pytest.raises(Unsupported):
        given({"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory"}}})
