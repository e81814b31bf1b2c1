"""The alert rules, and the programs that read them."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from deploy.dashboards.rules import rules

ROOT = Path(__file__).parents[2]


def alerts() -> dict[str, dict[str, Any]]:
    """Every alert by its name."""
    return {rule["alert"]: rule for group in rules()["groups"] for rule in group["rules"] if "alert" in rule}


def program(name: str) -> str:
    """Where `prometheus` or `promtool` is."""
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is missing; on Debian it comes with `apt-get install prometheus`")
    return found
