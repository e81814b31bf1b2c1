"""The libraries of the system that Qt needs and lacks, known before Qt is loaded: Qt aborts, and names another one."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

_PARTS = "QtCore.abi3.so", "QtGui.abi3.so", "QtWidgets.abi3.so"
_MISSING = re.compile(r"^\s*(\S+) => not found", re.MULTILINE)
_SONAME = re.compile(r"lib(?P<name>.+?)\.so\.?(?P<version>\d*)")
_OTHERWISE = {"libglib-2.0.so.0": "libglib2.0-0", "libgthread-2.0.so.0": "libglib2.0-0"}
"""Packages that are not named after their library."""


def lacking() -> list[str]:
    """Return the Debian packages of the libraries that are missing, in order; nothing on systems other than Linux."""
    found = find_spec("PySide6")
    if not sys.platform.startswith("linux") or found is None or found.origin is None:
        return []
    folder = Path(found.origin).parent
    files = [*(folder / part for part in _PARTS), folder / "Qt/plugins/platforms" / f"libq{_platform()}.so"]
    return sorted({package_of(name) for file in files if file.exists() for name in missing(file)})


def has_display() -> bool:
    """Return whether there is a screen to show windows on."""
    named = os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    return bool(named) or not sys.platform.startswith("linux")


def missing(file: Path) -> list[str]:
    """Return the libraries that a file needs and the system does not have; nothing where nobody can tell."""
    try:
        told = subprocess.run(["ldd", file], capture_output=True, text=True, check=False)
    except OSError:
        return []
    return sorted(set(_MISSING.findall(told.stdout)))


def package_of(library: str) -> str:
    """Return the Debian package of a library, by Debian's rule for names: libxcb-icccm.so.4 is in libxcb-icccm4."""
    parts = _SONAME.match(library)
    if library in _OTHERWISE or parts is None:
        return _OTHERWISE.get(library, library)
    name = f"lib{parts['name'].lower()}"
    between = "-" if name[-1].isdigit() and parts["version"] else ""
    return name + between + parts["version"]


def _platform() -> str:
    """Return Qt's name of the window system that it will take."""
    chosen = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0].partition(";")[0]
    on_wayland = "WAYLAND_DISPLAY" in os.environ and "DISPLAY" not in os.environ
    return chosen or ("wayland" if on_wayland else "xcb")
