"""`python -m deploy.dashboards.picture` draws every dashboard: a platform under load, with a fault in the middle.

Exits with 1 when a panel finds nothing, other than those of exporters that only a cluster has.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from clients.sdk import Apricot, ApricotError, Recorder, Session
from deploy.dashboards.__main__ import FOLDER
from deploy.dashboards.draw import Answer, Span, ask, draw, load
from deploy.dashboards.panels import Json
from deploy.dashboards.prometheus import Prometheus, scraping
from deploy.dashboards.rules import hastened
from stack.demo.accounts import CODE, PATIENT_PHONES
from stack.platform import Platform
from stack.ports import Ports
from stack.testing import temporary_platform

PICTURES = Path(__file__).parents[2] / "docs" / "dashboards"
ELSEWHERE = ("cnpg_", "barman_", "gnatsd_", "jetstream_")
"""Of exporters that only a cluster has."""
QUIET_SECONDS, FAULT_SECONDS = 40.0, 25.0
SENSOR = Recorder.by_hand("sensor", "Asia/Shanghai")


async def stage() -> dict[str, tuple[Json, list[Answer]]]:
    """What every dashboard showed of it, by name."""
    async with AsyncExitStack() as stack:
        devices = await stack.enter_async_context(receiver())
        os.environ["APRICOT_PUSH_WEBHOOK_URL"] = devices
        os.environ["APRICOT_PUSH_WEBHOOK_SECRET"] = "of nobody but this run"  # noqa: S105
        platform = await stack.enter_async_context(
            temporary_platform(
                demo=True, seconds_per_minute=1.0, glucose_replicas=2, consult_replicas=2, pharmacy_replicas=2
            )
        )
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        prometheus = await stack.enter_async_context(scraping(platform, folder, hastened(), 1.0))
        apricot = await stack.enter_async_context(Apricot(platform.gateway_address.removeprefix("http://")))
        sessions = [await apricot.sign_in_with_code(phone, CODE) for phone in PATIENT_PHONES]
        started = float(round(time.time()))
        await live(platform, sessions)
        return await shown(prometheus, Span(started, float(round(time.time())), 1.0, 10))


async def live(platform: Platform, sessions: list[Session]) -> None:
    """Patients measure, look and watch; in the middle identity and NATS are away."""
    acts = (measure, look, look_at_a_stranger, watch)
    tasks = [asyncio.create_task(forever(act, session)) for session in sessions for act in acts]
    await asyncio.sleep(QUIET_SECONDS)
    parts = [platform.part(name) for name in ("identity", "nats")]
    await asyncio.gather(*(part.stop() for part in parts))
    await asyncio.sleep(FAULT_SECONDS)
    await asyncio.gather(*(part.start() for part in parts))
    await asyncio.sleep(QUIET_SECONDS)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def forever(act: Callable[[Session], Coroutine[Any, Any, object]], session: Session) -> None:
    """With pauses as people make them."""
    while True:
        try:
            await act(session)
        except ApricotError:
            await asyncio.sleep(0.2)
        await asyncio.sleep(random.expovariate(8))


async def measure(session: Session) -> None:
    """One reading; for some seconds of each half minute one that alarms."""
    value = 50 if time.time() % 30 < 6 else random.choice((95, 110, 120, 140, 180))  # noqa: S311
    await session.log(account_of(session), [SENSOR.sensor_reading(datetime.now(UTC), value)])


async def look(session: Session) -> None:
    async for _ in session.entries(account_of(session)):
        break


async def look_at_a_stranger(session: Session) -> None:
    """Refused, but asked of identity each time."""
    await asyncio.sleep(1)
    async for _ in session.entries("00000000-0000-4000-8000-000000000000"):
        break


async def watch(session: Session) -> None:
    async with session.watch([account_of(session)]) as updates:
        async for _ in updates:
            pass


def account_of(session: Session) -> str:
    assert session.signed_in is not None  # noqa: S101  by its code
    return session.signed_in.account.account_id


async def shown(prometheus: Prometheus, span: Span) -> dict[str, tuple[Json, list[Answer]]]:
    boards = {path.stem: load(path) for path in sorted(FOLDER.glob("*.json"))}
    return {name: (board, await ask(prometheus, board, span)) for name, board in boards.items()}


def empty(answers: list[Answer]) -> list[str]:
    """The questions that found nothing though they should."""
    return [
        answer.panel["title"]
        for answer in answers
        if not answer.series and not any(name in str(answer.panel["targets"]) for name in ELSEWHERE)
    ]


@asynccontextmanager
async def receiver() -> AsyncIterator[str]:
    """Takes three pushes of four."""

    async def take(_: web.Request) -> web.Response:
        return web.Response(status=200 if random.random() < 0.75 else 503)  # noqa: S311

    app = web.Application()
    app.add_routes([web.post("/", take)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    ports = Ports()
    port = ports.choose()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}/"
    await runner.cleanup()
    ports.release()


def main() -> None:
    found = asyncio.run(stage())
    PICTURES.mkdir(exist_ok=True)
    for name, (board, answers) in found.items():
        draw(board, answers, PICTURES / f"{name}.png")
    missing = {name: questions for name, (_, answers) in found.items() if (questions := empty(answers))}
    print(missing or "every panel has an answer")
    sys.exit(bool(missing))


if __name__ == "__main__":
    main()
