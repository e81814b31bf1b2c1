"""Known weaknesses of what is locked: PyPA's pip-audit asks the advisory database about every pinned artefact."""

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

ACCEPTED = Path(__file__).parent / "accepted.toml"
UNREACHABLE = ("ConnectionError", "ConnectTimeout", "ReadTimeout", "Failed to resolve", "ProxyError")


class NobodyToAskError(Exception):
    """The advisory database cannot be reached from here, so that nothing is known."""


@dataclass(frozen=True)
class Accepted:
    """A weakness that is lived with for now."""

    id: str
    package: str
    reason: str
    until: date


@dataclass(frozen=True)
class Weakness:
    """An advisory that holds for a locked version."""

    package: str
    version: str
    id: str
    aliases: Collection[str]
    fixed_in: Sequence[str]


def accepted(file: Path = ACCEPTED) -> list[Accepted]:
    """What the policy accepts."""
    return [Accepted(**one) for one in tomllib.loads(file.read_text()).get("accepted", [])]


def locked_requirements(folder: Path) -> Path:
    """All that any part of the project installs, with its hashes."""
    uv = os.environ.get("UV", "uv")
    options = ("--frozen", "--quiet", "--all-extras", "--all-groups", "--no-emit-project")
    file = folder / "requirements.txt"
    subprocess.run([uv, "export", *options, "--output-file", str(file)], check=True, stdout=subprocess.DEVNULL)
    return file


def asked(requirements: Path) -> Mapping[str, Any]:
    """pip-audit's report. Errors: `NobodyToAskError`; `RuntimeError`, when it failed for any other reason."""
    options = ("--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off", "--desc", "off")
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(requirements), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        last = done.stderr.strip().splitlines()[-1:] or ["no word of why"]
        if any(word in done.stderr for word in UNREACHABLE):
            raise NobodyToAskError(last[0])
        raise RuntimeError(f"pip-audit failed: {last[0]}")
    report: Mapping[str, Any] = json.loads(done.stdout)
    known = [one for one in report["dependencies"] if "skip_reason" not in one]
    if not known:  # a mirror that carries packages alone answers so for each of them
        raise NobodyToAskError("the index that is asked has advisories of no package")
    return report


def found_in(report: Mapping[str, Any]) -> list[Weakness]:
    """What the report tells of. Errors: `RuntimeError`, when some packages are unknown where others are known."""
    if unknown := [one["name"] for one in report["dependencies"] if "skip_reason" in one]:
        raise RuntimeError(f"nothing is known of {', '.join(unknown)}: not from the index that all others are from?")
    return [
        Weakness(one["name"], one["version"], each["id"], frozenset(each.get("aliases", ())), each["fix_versions"])
        for one in report["dependencies"]
        for each in one["vulns"]
    ]


def judged(found: Sequence[Weakness], policy: Sequence[Accepted], today: date) -> list[str]:
    """What has to be done: about what nobody accepted, and about acceptances that have ended or that nothing needs."""
    wrong = []
    for weakness in found:
        names = {weakness.id, *weakness.aliases}
        if not any(one.package == weakness.package and one.id in names and today <= one.until for one in policy):
            fix = f"fixed in {', '.join(weakness.fixed_in)}" if weakness.fixed_in else "not fixed yet"
            wrong.append(f"{weakness.package} {weakness.version}: {weakness.id}, {fix}")
    for one in policy:
        if today > one.until:
            wrong.append(f"{one.package}: {one.id} was accepted until {one.until} only")
        elif not any(one.package == found_one.package for found_one in found):
            wrong.append(f"{one.package}: {one.id} is accepted, and there no more")
    return wrong


def audit(today: date) -> list[str]:
    """All of it. Errors: `NobodyToAskError`."""
    with tempfile.TemporaryDirectory() as folder:
        report = asked(locked_requirements(Path(folder)))
    return judged(found_in(report), accepted(), today)
