"""How the platform's processes do: which they are, and how much memory each holds."""

import psutil

from stack.platform import Platform

type Health = dict[str, tuple[int | None, int]]

MIB = 1 << 20


def health(platform: Platform) -> Health:
    """Process id and resident bytes of each part that runs; PostgreSQL's and NATS's memory is their own matter."""
    found: Health = {}
    for program in platform.plan.programs:
        pid = platform.part(program.name).pid
        found[program.name] = pid, psutil.Process(pid).memory_info().rss if pid else 0
    return found


def restarted(before: Health, after: Health) -> list[str]:
    """Parts that are another process by now."""
    return [name for name, (pid, _) in before.items() if after[name][0] != pid]


def grown_bytes(before: Health, after: Health) -> dict[str, int]:
    """By how much each part holds more."""
    return {name: after[name][1] - held for name, (_, held) in before.items()}


def grown_mib(before: Health, after: Health) -> dict[str, int]:
    """The same in MiB."""
    return {name: grown // MIB for name, grown in grown_bytes(before, after).items()}
