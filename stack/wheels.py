"""The engines' programs, which come inside wheels."""

from importlib.util import find_spec
from pathlib import Path


def wheel_folder(package: str) -> Path:
    """The package's folder, without importing it: one of them would import a client for 250 ms."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"the package {package} is not installed; it comes with the extra `stack`")
    return Path(spec.origin).parent
