"""Files of the state that only its owner may read, written whole or not at all."""

import os
from pathlib import Path


def write_private(file: Path, text: str) -> None:
    aside = file.with_name(f".{file.name}.new")
    aside.unlink(missing_ok=True)
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
        new.write(text)
    aside.rename(file)
