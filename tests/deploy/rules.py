"""The alert rules as Prometheus itself reads them."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "deploy" / "k8s" / "components" / "monitoring"


def spec() -> dict[str, Any]:
    """The groups of rules, without what makes them an object of Kubernetes."""
    loaded: dict[str, Any] = yaml.safe_load((MONITORING / "rules.yaml").read_text())["spec"]
    return loaded


def alerts() -> dict[str, dict[str, Any]]:
    """Every alert by its name."""
    return {rule["alert"]: rule for group in spec()["groups"] for rule in group["rules"] if "alert" in rule}


def program(name: str) -> str:
    """Where `prometheus` or `promtool` is."""
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is missing; on Debian it comes with `apt-get install prometheus`")
    return found
