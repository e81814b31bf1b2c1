"""What Qt lacks on this system is known before it is loaded."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from stack import qt_libraries
from stack.cli import NOT_INSTALLED, app


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libxcb-icccm.so.4", "libxcb-icccm4"),
        ("libxcb-keysyms.so.1", "libxcb-keysyms1"),
        ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
        ("libdbus-1.so.3", "libdbus-1-3"),
        ("libEGL.so.1", "libegl1"),
        ("libX11-xcb.so.1", "libx11-xcb1"),
        ("libglib-2.0.so.0", "libglib2.0-0"),
    ],
)
def test_libraries_are_named_by_their_debian_package(library: str, package: str) -> None:
    assert qt_libraries.package_of(library) == package


def test_library_that_is_nowhere_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ldd = tmp_path / "ldd"
    ldd.write_text("#!/bin/sh\necho '\tlibxcb-icccm.so.4 => not found'\necho '\tlibc.so.6 => /lib/libc.so.6 (0x1)'\n")
    ldd.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert qt_libraries.missing(tmp_path / "libqxcb.so") == ["libxcb-icccm.so.4"]


def test_app_names_missing_packages_before_it_loads_qt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qt_libraries, "lacking", lambda: ["libxcb-icccm4", "libxcb-keysyms1"])
    result = CliRunner().invoke(app, ["clinician"])
    assert result.exit_code == NOT_INSTALLED
    assert "apt-get install libxcb-icccm4 libxcb-keysyms1" in result.output


def test_app_says_that_there_is_no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qt_libraries, "lacking", list)
    for name in "DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM":
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(app, ["clinician"])
    assert result.exit_code == NOT_INSTALLED
    assert "no screen" in result.output
