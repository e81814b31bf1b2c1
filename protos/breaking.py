"""Hold the contract against the one on main: `buf breaking` on two descriptor sets, without a registry.

Run by `make lint`. The base is `origin/main`, or `main` where there is no remote; without either there is none.
"""

import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from build import GEN, PROTOS, describe

ROOT = PROTOS.parent


def main() -> int:
    base = next((ref for ref in ("origin/main", "main") if _git("rev-parse", "--verify", "--quiet", ref)), None)
    if base is None:
        print("breaking: no main to compare with")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        archive = _git("archive", base, "protos")
        if not archive:
            print(f"breaking: {base} has no protos")
            return 0
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")
        earlier = Path(folder) / "contract.binpb"
        describe(Path(folder) / "protos", earlier)
        buf = Path(sys.executable).parent / "buf"
        command = [str(buf), "breaking", str(GEN / "contract.binpb"), "--against", str(earlier)]
        return subprocess.run(command, cwd=ROOT, check=False).returncode


def _git(*arguments: str) -> bytes:
    """What git prints; nothing when it fails, as outside a checkout."""
    return subprocess.run(["git", *arguments], cwd=ROOT, check=False, capture_output=True).stdout


if __name__ == "__main__":
    sys.exit(main())
