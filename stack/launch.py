"""Becomes another program: one that dies with the stack and, if asked, runs as an unprivileged account.

`python -I -S launch.py PARENT_PID DEATH_SIGNAL ACCOUNT PROGRAM [ARGUMENT…]`

A launcher (10 ms) and not a `preexec_fn`: that would fork the stack with its threads, which gRPC forbids.
It imports nothing of ours.
"""

import ctypes
import os
import pwd
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
NOBODY = 65534


def enter_namespace() -> None:
    """Be `nobody` inside a user namespace of our own, and still the same user to the file system."""
    uid, gid = os.geteuid(), os.getegid()
    os.unshare(os.CLONE_NEWUSER)
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"{NOBODY} {uid} 1"),
        ("gid_map", f"{NOBODY} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(line)


def become_nobody() -> None:
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)


def allow_many_files() -> None:
    """The soft limit, 1,024 on most machines, is less than a thousand watchers need."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (enough, hard))


def die_with(parent: int, death_signal: int) -> None:
    """When the thread ends that started us. Set after any change of account, which would clear it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    parent, death_signal, account, *command = sys.argv[1:]
    allow_many_files()
    if account == "namespace":
        enter_namespace()
    elif account == "nobody":
        become_nobody()
    die_with(int(parent), int(death_signal))
    os.execvp(command[0], command)  # noqa: S606 there is nothing to quote


if __name__ == "__main__":
    main()
