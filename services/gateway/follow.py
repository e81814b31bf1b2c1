"""Beside Envoy in its pod, `python -m services.gateway.follow --out FILE`: writes its configuration anew when the
settings or the contract change, and has it drain when the pod is told to end."""

import asyncio
import signal
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path

import aiohttp
import structlog
from aiohttp import web
from prometheus_client import Gauge

from kit import telemetry
from kit.http import metrics, probe, serve_http
from services.gateway.render import BOOTSTRAP, write
from services.gateway.settings import CONTRACT, read_settings, settings_folder

log = structlog.get_logger()

ACCEPTED = Gauge("apricot_gateway_settings_accepted", "1: the settings as they now are can be used; 0: older ones are.")
_PAUSE_SECONDS = 1.0
_DRAIN = "/healthcheck/fail"
"""It is not ready any more, and every answer brings a GOAWAY; calls and streams go on until Envoy is ended."""

Stamp = dict[str, tuple[int, int]]


class Follower:
    """Keeps what Envoy follows as the settings are."""

    def __init__(self, bootstrap: Path) -> None:
        self._bootstrap = bootstrap
        self._seen: Stamp = {}

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(_PAUSE_SECONDS)

    def look(self) -> None:
        """Take up what has changed. Settings that cannot be used leave everything as it was."""
        if (stamp := _stamp()) == self._seen:
            return
        self._seen = stamp
        try:
            written = write(read_settings(), self._bootstrap)
        except (ValueError, OSError) as error:
            ACCEPTED.set(0)
            log.error("the settings cannot be used; the gateway goes on with the old ones", error=str(error))
            return
        ACCEPTED.set(1)
        if written:
            log.info("the gateway's configuration is new", files=written)
        if BOOTSTRAP in written:
            log.warning("ports and hosts are new when Envoy starts again")


def _stamp() -> Stamp:
    """Of every file that the configuration is made of; those of a folder that is just replaced may be gone."""
    folder, stamp = settings_folder(), Stamp()
    for file in (CONTRACT, *(sorted(folder.iterdir()) if folder else ())):
        with suppress(FileNotFoundError):
            state = file.stat()
            stamp[file.name] = state.st_ino, state.st_mtime_ns
    return stamp


async def drain(admin_port: int) -> None:
    """Ask Envoy to. One that is gone has nothing left to."""
    try:
        async with (
            aiohttp.ClientSession(f"http://127.0.0.1:{admin_port}") as http,
            http.post(_DRAIN, raise_for_status=True),
        ):
            log.info("draining")
    except aiohttp.ClientError as error:
        log.warning("Envoy was not asked to drain", error=type(error).__name__)


async def follow(bootstrap: Path) -> None:
    """Until SIGTERM; then Envoy drains."""
    settings, stop = read_settings(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    routes = probe("/livez", "alive", lambda: not following.done()), web.get("/metrics", metrics)
    http = await serve_http(settings.listen_host, settings.follow_port, *routes)
    following = asyncio.create_task(Follower(bootstrap).run())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((following, stopping), return_when=asyncio.FIRST_COMPLETED)
    if following.done():
        following.result()
    following.cancel()
    await drain(settings.admin_port)
    await http.cleanup()


def main() -> None:
    arguments = ArgumentParser(description="Keep Envoy's configuration as the settings are.")
    arguments.add_argument("--out", type=Path, required=True, metavar="FILE", help="what Envoy starts with")
    telemetry.configure("gateway", "follow", "INFO")
    asyncio.run(follow(arguments.parse_args().out))


if __name__ == "__main__":
    main()
