"""Probes, performed as the kubelet performs them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from deploy.manifests import Manifest
from deploy.rehearsal.manifests import Unsupported

type Look = Callable[[Manifest], Awaitable[bool]]
"""Performs a probe once; an OSError is a no as well."""


async def verdicts(probe: Manifest, look: Look) -> AsyncIterator[bool]:
    """Each change from the thresholds' point of view; the first one is always told."""
    await asyncio.sleep(probe.get("initialDelaySeconds", 0))
    wanted = {True: probe.get("successThreshold", 1), False: probe.get("failureThreshold", 3)}
    verdict: bool | None = None
    latest, in_a_row = False, 0
    while True:
        found = await _once(probe, look)
        in_a_row = in_a_row + 1 if found == latest else 1
        latest = found
        if found != verdict and in_a_row >= wanted[found]:
            verdict = found
            yield verdict
        await asyncio.sleep(probe.get("periodSeconds", 10))


async def _once(probe: Manifest, look: Look) -> bool:
    try:
        async with asyncio.timeout(probe.get("timeoutSeconds", 1)):
            return await look(probe)
    except (OSError, EOFError, TimeoutError):
        return False


def port_of(container: Manifest, port: str | int) -> int:
    """A port by its number or its declared name."""
    if isinstance(port, int):
        return port
    for one in container.get("ports") or []:
        if one.get("name") == port:
            return int(one["containerPort"])
    raise Unsupported(f"no port {port} in container {container['name']}")


async def http_answers(host: str, port: int, path: str) -> bool:
    """Whether `GET path` answers 200 to 399."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        status = (await reader.readline()).split()[1:2]
    finally:
        writer.close()
    return bool(status) and b"200" <= status[0] < b"400"


async def accepts(host: str, port: int) -> bool:
    """Whether somebody listens."""
    _, writer = await asyncio.open_connection(host, port)
    writer.close()
    return True
