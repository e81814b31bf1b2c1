"""Makes the translations; see the package."""

import subprocess
import sys
from pathlib import Path

from clients.clinician.translations import FOLDER

VIEWS = FOLDER.parent / "views"


def update() -> None:
    """Take the words of each room of the views into its .ts file."""
    for name, sources in sources_of_rooms().items():
        _tool("pyside6-lupdate", *map(str, sources), "-no-obsolete", "-locations", "none",
              "-ts", str(FOLDER / f"{name}_zh.ts"))  # fmt: skip


def sources_of_rooms() -> dict[str, list[Path]]:
    """The files that each .ts file has the words of: a folder of `views/`; what is beside the folders is `common`."""
    rooms = {
        folder.name: sorted(folder.rglob("*.py")) for folder in VIEWS.iterdir() if (folder / "__init__.py").exists()
    }
    return rooms | {"common": [*sorted(VIEWS.glob("*.py")), VIEWS.parent / "pages.py"]}


def release() -> None:
    """Make what the app loads."""
    for path in sorted(FOLDER.glob("*.ts")):
        _tool("pyside6-lrelease", "-silent", str(path), "-qm", str(path.with_suffix(".qm")))


def _tool(name: str, *arguments: str) -> None:
    subprocess.run([Path(sys.executable).parent / name, *arguments], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    if "--update" in sys.argv[1:]:
        update()
    release()
