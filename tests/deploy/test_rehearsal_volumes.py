"""Volumes lie as the kubelet lays them, and change at once."""

from pathlib import Path
from typing import Any

import pytest

from deploy.manifests import Manifest
from deploy.rehearsal.environment import Identity, NotDeclared
from deploy.rehearsal.manifests import Objects, Unsupported
from deploy.rehearsal.volumes import Volumes, lay

GATEWAY: Manifest = {"kind": "Service", "metadata": {"name": "gateway", "namespace": "clinic"}, "spec": {}}
CONFIG: Manifest = {"kind": "ConfigMap", "metadata": {"name": "conf"}, "data": {"a.conf": "1", "b.conf": "2"}}
POD = Identity("kiosk-1", "clinic", "10.0.0.9", {})


def volumes(folder: Path, *declared: dict[str, Any]) -> Volumes:
    return Volumes(folder / "pod", folder / "claims", list(declared), POD, Objects([GATEWAY, CONFIG]))


def test_a_config_map_is_a_folder_of_files(tmp_path: Path) -> None:
    made = volumes(tmp_path, {"name": "conf", "configMap": {"name": "conf", "items": [{"key": "a.conf", "path": "x"}]}})
    (mount,) = made.mounts({"volumeMounts": [{"name": "conf", "mountPath": "/etc/kiosk", "readOnly": True}]})
    assert (mount.target, mount.read_only) == ("/etc/kiosk", True)
    assert {one.name: one.read_text() for one in mount.source.iterdir() if one.is_file()} == {"x": "1"}


def test_a_reader_never_sees_half_of_a_change(tmp_path: Path) -> None:
    lay(tmp_path, {"tls.crt": b"old", "tls.key": b"old"})
    now = (tmp_path / "..data").resolve()
    lay(tmp_path, {"tls.crt": b"new", "tls.key": b"new"})
    assert not now.exists()
    assert {(tmp_path / name).read_bytes() for name in ("tls.crt", "tls.key")} == {b"new"}


def test_a_claim_outlives_its_pod(tmp_path: Path) -> None:
    claim = {"name": "data", "persistentVolumeClaim": {"claimName": "data-kiosk-0"}}
    mounted = {"volumeMounts": [{"name": "data", "mountPath": "/data"}]}
    first = volumes(tmp_path, claim)
    (first.mounts(mounted)[0].source / "kept").touch()
    first.remove()
    assert (volumes(tmp_path, claim).mounts(mounted)[0].source / "kept").exists()


def test_what_is_not_played_or_not_there_is_no_silence(tmp_path: Path) -> None:
    with pytest.raises(Unsupported):
        volumes(tmp_path, {"name": "disk", "nfs": {"server": "far"}})
    with pytest.raises(NotDeclared):
        volumes(tmp_path, {"name": "conf", "configMap": {"name": "absent"}})
    with pytest.raises(NotDeclared):
        volumes(tmp_path).mounts({"volumeMounts": [{"name": "absent", "mountPath": "/x"}]})
