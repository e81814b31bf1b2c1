"""Take out of an environment what no program of Apricot's can reach: `python slim.py .venv`.

Run once, in the image's builder, beside the programs; needs `strip` (binutils). The environment's own lists of files
stay true.
"""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from shutil import rmtree

UNREAD = "*.a", "*.c", "*.h", "*.hpp", "*.pxd", "*.pyi", "*.pyx", "tests", "SelfTest", "sample_data"
"""What extension modules were made from, types, tests and samples."""
ALIPAY = "alipay/aop/api"
"""Alipay's library has a class for each of its thousands of methods: 36,000 files, of which fifty are imported."""
IMPORTED = f"""
import sys, services.pharmacy.providers.alipay
print(*(file for one in sys.modules.values() if "{ALIPAY}" in (file := str(getattr(one, "__file__", "")))), sep="\\n")
"""


def main(environment: Path) -> None:
    (packages,) = environment.glob("lib/python3*/site-packages")
    remove(_not_imported(packages, environment / "bin" / "python"))
    for pattern in UNREAD:
        remove(packages.glob(f"*/**/{pattern}"))
    # Not what a wheel has brought along for its extension modules: that was laid out anew, which `strip` can break.
    modules = [path for path in packages.rglob("*.so") if not path.parent.name.endswith(".libs")]
    subprocess.run(["strip", "--strip-unneeded", *modules], check=True)
    for record in packages.glob("*.dist-info/RECORD"):
        lines = record.read_text().splitlines(keepends=True)
        record.write_text("".join(line for line in lines if (packages / line.rsplit(",", 2)[0].strip('"')).exists()))


def _not_imported(packages: Path, python: Path) -> list[Path]:
    answer = subprocess.run([python, "-c", IMPORTED], check=True, capture_output=True, text=True)
    kept = {Path(line).resolve() for line in answer.stdout.splitlines()}
    return [path for path in (packages / ALIPAY).rglob("*.py") if path.resolve() not in kept]


def remove(paths: Iterable[Path]) -> None:
    for path in list(paths):
        if path.is_dir():
            rmtree(path)
        else:
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
