"""`make sbom`: makes what the image holds, runs it by itself, measures it, and lists its packages and licences.

The list is `build/sbom.cdx.json` (CycloneDX). What the base image brings, a scanner of images lists.
"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from deploy import manifests
from deploy.check.objects import Objects
from deploy.licences import Component, licences, refused
from deploy.replay import ROOT, replay

LARGEST_MB = 300.0
"""Of the layer with Python's packages, unpacked."""
LIST = ROOT / "build" / "sbom.cdx.json"
ALSO = (
    "services.glucose.rpc.jobs",
    "services.identity.admin",
    "services.pharmacy.providers.alipay",
    "services.pharmacy.providers.wechat",
)
"""What no program imports before it is needed."""


def main() -> int:
    console = Console()
    with TemporaryDirectory(prefix="apricot-image-") as folder:
        app = replay(Path(folder))
        megabytes = size_mb(app / ".venv")
        modules = sorted({*programs(), *ALSO})
        start(app, modules)
        components = bill_of_materials(app)
    console.print(_table(components))
    console.print(
        f"{len(components)} packages, {megabytes:.0f} MB (at most {LARGEST_MB:.0f}); "
        f"{len(modules)} programs start with nothing else"
    )
    console.print(f"the whole list: {LIST.relative_to(ROOT)}")
    for name in (bad := refused(components)):
        console.print(f"[red]✗[/] {name} is under a licence that the image may not carry")
    return int(bool(bad) or megabytes >= LARGEST_MB)


def size_mb(folder: Path) -> float:
    """What its files hold."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() or path.is_symlink()) / 1e6


def programs() -> Iterator[str]:
    """The modules that the manifests run."""
    for overlay in manifests.OVERLAYS:
        for pods in Objects(manifests.render(overlay)).pods():
            for one in pods.containers():
                if one.get("command", [])[:2] == ["python", "-m"]:
                    yield one["command"][2]


def start(app: Path, modules: Sequence[str]) -> None:
    """Import them by what the image holds alone. Errors: CalledProcessError."""
    code = f"from importlib import import_module\nfor name in {list(modules)!r}: import_module(name)"
    home = app / "programs"
    told = {"PATH": f"{app}/.venv/bin:{os.defpath}", "PYTHONPATH": f"{home}:{home}/gen", "PYTHONDONTWRITEBYTECODE": "1"}
    told["MPLCONFIGDIR"] = str(app / "scratch")
    subprocess.run([app / ".venv/bin/python", "-c", code], check=True, cwd="/", env=told)


def bill_of_materials(app: Path) -> list[Component]:
    """Written to `LIST`; its components."""
    LIST.parent.mkdir(exist_ok=True)
    command = [f"{Path(sys.executable).parent}/cyclonedx-py", "environment", "--output-reproducible"]
    project = ["--pyproject", f"{ROOT}/pyproject.toml", "--output-file", str(LIST)]
    subprocess.run([*command, *project, f"{app}/.venv/bin/python"], check=True, capture_output=True)
    return list(json.loads(LIST.read_text())["components"])


def _table(components: Sequence[Component]) -> Table:
    table, by_licence = Table("licence", "packages", box=None, pad_edge=False), defaultdict[str, list[str]](list)
    for one in components:
        by_licence[", ".join(licences(one)) or "not said"].append(f"{one['name']} {one['version']}")
    for licence, names in sorted(by_licence.items(), key=lambda pair: -len(pair[1])):
        table.add_row(licence, ", ".join(names))
    return table


if __name__ == "__main__":
    sys.exit(main())
