"""The account PostgreSQL runs as: it refuses root.

- `same`: the user who runs the stack; always, unless that is root.
- `namespace`: `nobody` inside a user namespace, root's own files outside: works under a 0700 home as well.
- `nobody`: the real `nobody`, where namespaces are forbidden (most containers); it needs files it can reach.
"""

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

Account = Literal["same", "namespace", "nobody"]

LAUNCHER = Path(__file__).with_name("launch.py")


def launch(command: Sequence[str], *, account: Account = "same", death_signal: int = signal.SIGKILL) -> list[str]:
    """The command, run as the account, and ended by the signal when the calling thread's process ends."""
    # sys.executable may be a symlink in a venv that `nobody` cannot reach; Python is started before that.
    launcher = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), str(int(death_signal)), account]
    return [*launcher, *command]


def unprivileged() -> Account:
    """The best account on this machine that is not root."""
    if os.geteuid() != 0:
        return "same"
    probe = subprocess.run(launch(["true"], account="namespace"), stderr=subprocess.DEVNULL, check=False)
    return "namespace" if probe.returncode == 0 else "nobody"


def owner(account: Account) -> tuple[int, int]:
    """The user and group that files of the account belong to, as the file system sees it."""
    if account == "nobody":
        nobody = pwd.getpwnam("nobody")
        return nobody.pw_uid, nobody.pw_gid
    return os.geteuid(), os.getegid()


def can_reach(path: Path, account: Account) -> bool:
    """Whether the account may enter the folder and every folder above it.

    Neither account has root's power over other users' files, so root's own access says nothing.
    """
    uid, gid = owner(account)
    for folder in (path, *path.parents):
        status = folder.stat()
        shift = 6 if status.st_uid == uid else 3 if status.st_gid == gid else 0
        if not status.st_mode >> shift & 0o1:
            return False
    return True
