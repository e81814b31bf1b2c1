"""The image's `/app`, made in a folder by the lines of the Containerfile, without a container engine.

`python -m deploy.replay FOLDER`. What installs tools is passed over: the machine has to have them.
"""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONTAINERFILE = ROOT / "deploy" / "Containerfile"
RESULT = "builder"
OF_THE_MACHINE = "apt-get "


def replay(folder: Path) -> Path:
    """The folder of what becomes `/app`."""
    stage = folder
    for word, rest in instructions(CONTAINERFILE.read_text()):
        if word == "FROM":
            if stage.name == RESULT:
                return stage
            stage = folder / rest.rpartition(" AS ")[2]
            stage.mkdir(parents=True)
        elif word == "COPY":
            _copy(folder, stage, shlex.split(rest))
        elif word == "RUN" and not rest.startswith(OF_THE_MACHINE):
            subprocess.run(rest, shell=True, cwd=stage, check=True, env=_environment())  # noqa: S602  # our own file
    raise ValueError(f"the Containerfile has nothing behind {RESULT}")


def instructions(text: str) -> Iterator[tuple[str, str]]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            word, _, rest = line.partition(" ")
            yield word, rest


def _copy(folder: Path, stage: Path, words: list[str]) -> None:
    *sources, target = words
    origin = ROOT
    if sources[0].startswith("--from="):
        origin = folder / sources.pop(0).removeprefix("--from=")
        if not origin.exists():
            return  # another image's: a tool
    for source in sources:
        path = origin / source.removeprefix("/app/")
        if path.is_dir():
            shutil.copytree(path, stage / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, stage / target)


def _environment() -> dict[str, str]:
    """Nothing of the environment that this runs in."""
    tools = [*os.environ["PATH"].split(os.pathsep), str(ROOT / ".tools" / "bin")]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("UV_PROJECT", "VIRTUAL_ENV"))}
    return kept | {"PATH": os.pathsep.join(tools), "UV_PYTHON": sys.version.split()[0], "UV_QUIET": "1"}


if __name__ == "__main__":
    print(replay(Path(sys.argv[1])))
