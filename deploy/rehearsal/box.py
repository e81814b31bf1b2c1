"""Becomes a container's program: in its pod's network, with a root of its own that shows this machine's files and,
over them, the pod's volumes.

`python -I -S box.py SPEC.json`. It imports nothing of ours.
"""

import ctypes
import json
import os
import sys
from pathlib import Path

MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
_LIBC = ctypes.CDLL(None, use_errno=True)


def mount(source: str, target: Path, kind: str = "", flags: int = 0, options: str = "") -> None:
    if _LIBC.mount(source.encode(), os.fsencode(target), kind.encode(), flags, options.encode()) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), f"{source} at {target}")


def mount_points() -> list[str]:
    """What is mounted on this machine, those within another left out: they come along."""
    found = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    points = sorted({point for point in found if point != "/" and "\\" not in point})
    return [one for one in points if not any(one.startswith(f"{other}/") for other in points)]


def make_root(scratch: Path, files: dict[str, str]) -> Path:
    """This machine's files, on which anything can be laid without touching them."""
    existing = mount_points()
    mount("none", Path("/"), flags=MS_REC | MS_PRIVATE)
    mount("tmpfs", scratch, "tmpfs")
    upper, work, root = (scratch / name for name in ("upper", "work", "root"))
    for folder in upper, work, root:
        folder.mkdir()
    mount("overlay", root, "overlay", options=f"lowerdir=/,upperdir={upper},workdir={work}")
    for point in existing:
        if Path(point).exists():
            bind(point, root / point[1:])
    for name, text in files.items():
        file = root / name[1:]
        file.unlink(missing_ok=True)  # a link would lead out
        file.write_text(text)
    return root


def bind(source: str, target: Path, *, read_only: bool = False) -> None:
    if Path(source).is_dir():
        target.mkdir(parents=True, exist_ok=True)
    elif not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    mount(source, target, flags=MS_BIND | MS_REC)
    if read_only:
        mount("none", target, flags=MS_BIND | MS_REMOUNT | MS_RDONLY)


def main() -> None:
    spec = json.loads(Path(sys.argv[1]).read_text())
    network = os.open(f"/run/netns/{spec['space']}", os.O_RDONLY)
    os.setns(network, os.CLONE_NEWNET)
    os.close(network)
    os.unshare(os.CLONE_NEWNS | os.CLONE_NEWUTS)
    name = spec["hostname"].encode()
    _LIBC.sethostname(name, len(name))
    root = make_root(Path(spec["scratch"]), spec["files"])
    for source, target, read_only in spec["mounts"]:
        bind(source, root / target[1:], read_only=read_only)
    if spec["read_only"]:
        mount("none", root, flags=MS_BIND | MS_REMOUNT | MS_RDONLY)
    os.chroot(root)
    os.chdir(spec["folder"])
    os.execvpe(spec["command"][0], spec["command"], spec["environment"])  # noqa: S606 there is nothing to quote


if __name__ == "__main__":
    main()
