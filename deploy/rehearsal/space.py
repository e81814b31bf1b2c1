"""A piece of Linux of the rehearsal's own: its network, mounts and processes, gone with it whatever happens."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HOST = "10.244.0.1"
"""This machine, as pods see it; it answers their DNS."""
SUBNET_BITS = 16
_BRIDGE = "pods"
_LINK = "02:00:0a:f4:00:01"
"""The bridge's own hardware address. Without one it takes a pod's, and another one when that pod goes: for a minute the
others would send what is for this machine to nobody."""


class NotPermitted(Exception):
    """This machine lets us make no namespaces."""


def call_inside(module: str, arguments: Sequence[str] = ()) -> int:
    """Run `python -m module` inside; its exit code. Errors: NotPermitted."""
    return subprocess.call([*_unshare(), sys.executable, "-m", module, *arguments])


def run_inside(module: str, arguments: Sequence[str] = ()) -> "subprocess.CompletedProcess[str]":
    """The same, with its output kept. Errors: NotPermitted."""
    command = [*_unshare(), sys.executable, "-m", module, *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def _unshare() -> list[str]:
    kinds = ["--net", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        kinds += ["--user", "--map-root-user"]
    command = ["unshare", *kinds]
    try:
        probe = subprocess.run(
            [*command, "ip", "link", "add", _BRIDGE, "type", "bridge"], capture_output=True, text=True
        )
    except FileNotFoundError as error:
        raise NotPermitted(f"{error.filename} is not installed (Debian: util-linux)") from error
    if probe.returncode != 0:
        raise NotPermitted(probe.stderr.strip() or f"unshare ended with {probe.returncode}")
    return command


async def furnish() -> None:
    """Inside: the network that pods are plugged into, and a place for theirs."""
    Path("/run/netns").mkdir(parents=True, exist_ok=True)
    await _run(["mount", "-t", "tmpfs", "tmpfs", "/run/netns"])
    await _ip(
        "link set lo up",
        f"link add {_BRIDGE} address {_LINK} type bridge",
        f"address add {HOST}/{SUBNET_BITS} dev {_BRIDGE}",
        f"link set {_BRIDGE} up",
    )


async def use_names(resolv_conf: str, file: Path) -> None:
    """Have this process, too, ask the cluster's DNS."""
    file.write_text(resolv_conf)
    await _run(["mount", "--bind", str(file), os.path.realpath("/etc/resolv.conf")])


async def add_address(address: str) -> None:
    """One more of this machine's, for a Service's own or for what stands in for somebody else's pods."""
    await _ip(f"address add {address}/{SUBNET_BITS} dev {_BRIDGE}")


async def plug_in(space: str, address: str) -> None:
    """A network namespace of this name, with this address in the pods' network."""
    port = f"p{address.replace('.', '')[-10:]}"
    await _ip(
        f"netns add {space}",
        f"link add {port} type veth peer name eth0 netns {space}",
        f"link set {port} master {_BRIDGE} up",
    )
    await _ip(f"address add {address}/{SUBNET_BITS} dev eth0", "link set lo up", "link set eth0 up", space=space)


async def unplug(space: str) -> None:
    """Remove it, with whatever hangs on it."""
    await _ip(f"netns del {space}")


async def _ip(*lines: str, space: str = "") -> None:
    await _run(["ip", *(["-n", space] if space else []), "-batch", "-"], "\n".join(lines))


async def _run(command: Sequence[str], text: str = "") -> None:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate(text.encode())
    if process.returncode != 0:
        raise OSError(f"{' '.join(command)}: {output.decode().strip()}")
