"""What a pod of the cluster may hold, for the processes that tests load here."""

from pathlib import Path

import psutil
import yaml

from stack.platform import Platform

_BASE = Path(__file__).parents[1] / "deploy/k8s/base"


def memory_limit_bytes(service: str) -> int:
    """Return the memory that a pod of the service may hold."""
    manifests = yaml.safe_load_all((_BASE / f"{service}.yaml").read_text())
    serving = next(each for each in manifests if each["kind"] == "Deployment")
    memory: str = serving["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"]
    return int(memory.removesuffix("Mi")) << 20


def memory_bytes(platform: Platform, service: str) -> int:
    """Return the resident memory of the service's largest replica."""
    return max(int(psutil.Process(replica.pid).memory_info().rss) for replica in platform.replicas(service))
