"""A rolling restart under load: SIGTERM to one replica after the other."""

import os
import signal

from stack.platform import Platform
from stack.process import Process
from tests.faults.load import under_load, until
from tests.people import People


async def test_no_call_fails_while_replicas_restart_one_by_one(wounded: Platform, folk: People) -> None:
    async with under_load(await folk.patient()) as load:
        for replica in wounded.replicas("glucose"):
            await _restart(replica)
    assert load.failures == []


async def _restart(replica: Process) -> None:
    before = replica.pid
    assert before is not None
    os.kill(before, signal.SIGTERM)
    await until(lambda: replica.pid not in (before, None))
    await replica.wait_ready()
