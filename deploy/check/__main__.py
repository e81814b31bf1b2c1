"""`make k8s-check`: render every overlay, check it, and rehearse it on this machine."""

import shutil
import sys
from importlib import import_module
from importlib.util import find_spec

import yaml
from rich.console import Console
from rich.table import Table

from deploy import manifests
from deploy.check.objects import Finding, Objects
from deploy.check.policies import POLICIES

REHEARSAL = "deploy.rehearsal.__main__"
PROGRAMS = {"ip": "iproute2", "prometheus": "prometheus", "promtool": "prometheus", "unshare": "util-linux"}
"""Programs that no Python package carries, and the Debian package of each."""
MISSING = 3


def main() -> int:
    """Return the exit code: 1 a check failed, 2 this machine permits no namespaces, 3 a program is missing."""
    console, found = Console(), list[tuple[str, Finding]]()
    if missing := [name for name in PROGRAMS if shutil.which(name) is None]:
        packages = " ".join(sorted({PROGRAMS[name] for name in missing}))
        console.print(f"Missing: {', '.join(missing)}. On Debian: apt-get install --no-install-recommends {packages}")
        return MISSING
    table = Table("check", *manifests.OVERLAYS, "what it holds", box=None, pad_edge=False)
    overlays = {name: manifests.text(name) for name in manifests.OVERLAYS}
    same = {name: text == manifests.text(name) for name, text in overlays.items()}
    objects = {name: Objects(yaml.safe_load_all(text)) for name, text in overlays.items()}
    table.add_row("rendered", *(f"{len(one.all)} objects" for one in objects.values()), "Twice the same bytes.")
    for policy in POLICIES:
        findings = {name: list(policy(one)) for name, one in objects.items()}
        found += [(name, one) for name, several in findings.items() for one in several]
        marks = (f"[red]{len(one)}[/]" if one else "[green]✓[/]" for one in findings.values())
        table.add_row(policy.__name__, *marks, " ".join((policy.__doc__ or "").split()))
    console.print(table)
    for name, one in found:
        console.print(f"[red]✗[/] {name}: [bold]{one.where}[/] {one.what} [dim]({one.policy})[/]", highlight=False)
    if found or not all(same.values()):
        return 1
    return int(import_module(REHEARSAL).main()) if find_spec("deploy.rehearsal") else 0


if __name__ == "__main__":
    sys.exit(main())
