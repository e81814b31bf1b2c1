"""A platform of its own for a test or a benchmark: an empty state, free ports, nothing left behind."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from stack.events import Listener, silent
from stack.platform import PARTS, Platform
from stack.settings import StackSettings


def temporary_settings(state_dir: Path, **changes: Any) -> StackSettings:
    """Any free ports, and nothing external whatever the environment says."""
    free = dict.fromkeys(("gateway_port", "gateway_admin_port", "postgres_port", "nats_port"), 0)
    own: dict[str, Any] = {"database_url": None, "nats_url": None, "object_store_url": None, "demo": False}
    return StackSettings(state_dir=state_dir, **(free | own | changes))


@asynccontextmanager
async def temporary_platform(
    parts: Collection[str] = PARTS, *, listener: Listener = silent, **changes: Any
) -> AsyncIterator[Platform]:
    """`async with temporary_platform(("postgres", "nats"), glucose_replicas=2) as platform:`"""
    state_dir = Path(tempfile.mkdtemp(prefix="apricot-"))
    try:
        async with Platform(temporary_settings(state_dir, **changes), parts=parts, listener=listener) as platform:
            yield platform
    finally:
        remove_state(state_dir)


def remove_state(state_dir: Path) -> None:
    home = state_dir / "postgres"
    if home.is_symlink():  # the data was moved to where its account can reach it
        shutil.rmtree(home.resolve().parent, ignore_errors=True)
    shutil.rmtree(state_dir)
