"""The manifests of an overlay, as `kubectl apply -k` would send them."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

type Manifest = dict[str, Any]

K8S = Path(__file__).parent / "k8s"
OVERLAYS = tuple(sorted(path.name for path in (K8S / "overlays").iterdir()))


class KubectlMissing(Exception):
    """`kubectl` is not installed: Debian and others have it as a package of that name."""


def text(overlay: str) -> str:
    """As YAML. The same files give the same bytes: nothing else is read."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        raise KubectlMissing
    command = [kubectl, "kustomize", str(K8S / "overlays" / overlay)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def render(overlay: str) -> list[Manifest]:
    """Every object, in the order of the output."""
    return list(yaml.safe_load_all(text(overlay)))
