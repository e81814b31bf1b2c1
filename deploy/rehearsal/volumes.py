"""A pod's volumes as folders of this machine. What comes from a ConfigMap or a Secret lies as the kubelet lays it:
behind a link that is exchanged at once, so that a reader never sees half of a change."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from deploy.manifests import Manifest
from deploy.rehearsal.environment import Identity, NotDeclared
from deploy.rehearsal.manifests import Data, Objects, Unsupported


@dataclass(frozen=True)
class Mount:
    """A folder or file of this machine, and where a container sees it."""

    source: Path
    target: str
    read_only: bool


class Volumes:
    """One pod's."""

    def __init__(self, folder: Path, claims: Path, declared: list[Manifest], pod: Identity, objects: Objects) -> None:
        self._folder, self._claims, self._pod, self._objects = folder, claims, pod, objects
        self._declared = {volume["name"]: volume for volume in declared}
        for name in self._declared:
            self._make(name)

    def mounts(self, container: Manifest) -> list[Mount]:
        """Where this container sees them."""
        return [self._mount(one) for one in container.get("volumeMounts") or []]

    def refresh(self) -> None:
        """Take up what ConfigMaps and Secrets hold by now."""
        for name in self._declared:
            if (data := self._data(self._declared[name])) is not None:
                lay(self._folder / name, data)

    def remove(self) -> None:
        """All but the claims, which outlive pods."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _make(self, name: str) -> None:
        volume = self._declared[name]
        data = self._data(volume)
        if data is not None:
            lay(self._folder / name, data)
        elif not volume.keys() & {"emptyDir", "persistentVolumeClaim"}:
            raise Unsupported(f"volume {sorted(volume.keys() - {'name'})}")
        else:
            self._place(name).mkdir(parents=True, exist_ok=True)

    def _place(self, name: str) -> Path:
        claim = self._declared[name].get("persistentVolumeClaim")
        return self._claims / claim["claimName"] if claim else self._folder / name

    def _mount(self, mount: Manifest) -> Mount:
        if mount["name"] not in self._declared:
            raise NotDeclared(f"volume {mount['name']}")
        source = self._place(mount["name"])
        if inner := mount.get("subPath"):
            source = (source / inner).resolve()
            if not source.exists():
                source.mkdir(parents=True)
        return Mount(source, mount["mountPath"], bool(mount.get("readOnly")))

    def _data(self, volume: Manifest) -> Data | None:
        if "configMap" in volume:
            return _chosen(volume["configMap"], volume["configMap"]["name"], self._objects.config_maps)
        if "secret" in volume:
            return _chosen(volume["secret"], volume["secret"]["secretName"], self._objects.secrets)
        if "downwardAPI" in volume:
            items = volume["downwardAPI"]["items"]
            return {item["path"]: self._pod.field(item["fieldRef"]["fieldPath"]).encode() for item in items}
        if "projected" in volume:
            found: Data = {}
            for source in volume["projected"]["sources"]:
                found |= self._projected(source)
            return found
        return None

    def _projected(self, source: Manifest) -> Data:
        if "configMap" in source:
            return _chosen(source["configMap"], source["configMap"]["name"], self._objects.config_maps)
        if "secret" in source:
            return _chosen(source["secret"], source["secret"]["name"], self._objects.secrets)
        raise Unsupported(f"projected {sorted(source)}")


def _chosen(source: Manifest, name: str, known: dict[str, Data]) -> Data:
    if name not in known:
        if source.get("optional"):
            return {}
        raise NotDeclared(name)
    items = source.get("items")
    if items is None:
        return known[name]
    return {item["path"]: known[name][item["key"]] for item in items}


def lay(folder: Path, data: Data) -> None:
    """The files, all of them at once in place of those before."""
    folder.mkdir(parents=True, exist_ok=True)
    before = os.readlink(folder / "..data") if (folder / "..data").is_symlink() else None
    version = folder / f"..{uuid4().hex}"
    for path, content in data.items():
        (version / path).parent.mkdir(parents=True, exist_ok=True)
        (version / path).write_bytes(content)
    version.mkdir(exist_ok=True)
    aside = folder / "..data.new"
    aside.symlink_to(version.name)
    aside.rename(folder / "..data")
    for top in {Path(path).parts[0] for path in data}:
        if not (folder / top).is_symlink():
            (folder / top).symlink_to(f"..data/{top}")
    if before:
        shutil.rmtree(folder / before)
