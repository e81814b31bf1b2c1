"""The pool of workers: bounded, tidy, and alive when its workers are not."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from apricot.errors.v1.reason_pb2 import Reason

from kit.errors import ApricotError
from services.glucose.rpc.pool import Pool
from tests.glucose.pool_jobs import Refused, die_once, refuse, work_until
from tests.kit.running import until


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    made = Pool(workers=2, waiting=1)
    yield made
    await made.close()


def working(folder: Path) -> list[int]:
    """The processes that work until `folder/end` is there."""
    return [int(mark.suffix[1:]) for mark in folder.glob("end.*")]


async def test_a_worker_starts_with_the_first_job_and_is_used_again() -> None:
    before = psutil.Process().children()
    pool = Pool()
    assert psutil.Process().children() == before
    first = await pool.run(os.getpid)
    assert first in {process.pid for process in psutil.Process().children()} - {process.pid for process in before}
    assert await pool.run(os.getpid) == first
    await pool.close()


async def test_large_arguments_and_answers(pool: Pool) -> None:
    assert await pool.run(bytes.__add__, bytes(20_000_000), b"x") == bytes(20_000_000) + b"x"


async def test_an_error_is_the_callers_and_the_worker_goes_on(pool: Pool) -> None:
    worker = await pool.run(os.getpid)
    with pytest.raises(Refused, match="why"):
        await pool.run(refuse, "why")
    assert await pool.run(os.getpid) == worker


async def test_a_worker_killed_while_idle_is_replaced(pool: Pool) -> None:
    worker = await pool.run(os.getpid)
    os.kill(worker, signal.SIGKILL)
    assert await pool.run(os.getpid) != worker


async def test_a_job_whose_worker_dies_is_done_by_another(pool: Pool, tmp_path: Path) -> None:
    assert await pool.run(die_once, str(tmp_path / "died"))


async def test_a_job_that_kills_every_worker_is_given_up(pool: Pool) -> None:
    with pytest.raises(ApricotError) as caught:
        await pool.run(os._exit, 1)
    assert caught.value.reason == Reason.REASON_UNAVAILABLE
    assert await pool.run(os.getpid), "the next one is served"


async def test_one_too_many_is_refused_at_once(pool: Pool, tmp_path: Path) -> None:
    jobs = [asyncio.create_task(pool.run(work_until, str(tmp_path / "end"))) for _ in range(3)]
    await until(lambda: len(working(tmp_path)) == 2)
    with pytest.raises(ApricotError) as caught:
        await pool.run(os.getpid)
    assert caught.value.reason == Reason.REASON_RATE_LIMITED
    (tmp_path / "end").touch()
    assert len(set(await asyncio.gather(*jobs))) == 2
    assert await pool.run(os.getpid)


async def test_work_ends_with_its_caller(pool: Pool, tmp_path: Path) -> None:
    job = asyncio.create_task(pool.run(work_until, str(tmp_path / "end")))
    await until(lambda: bool(working(tmp_path)))
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert not psutil.pid_exists(working(tmp_path)[0])


async def test_closing_leaves_no_process(tmp_path: Path) -> None:
    pool = Pool()
    worker = await pool.run(os.getpid)
    await pool.close()
    assert not psutil.pid_exists(worker)


async def test_workers_end_with_a_service_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import asyncio, os\nfrom services.glucose.rpc.pool import Pool\n"
        "async def main():\n    pool = Pool()\n    print(await pool.run(os.getpid), flush=True)\n"
        "    await asyncio.sleep(60)\nasyncio.run(main())"
    )
    service = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    assert service.stdout is not None
    worker = int(await service.stdout.readline())
    service.kill()
    await service.wait()
    await until(lambda: not psutil.pid_exists(worker) or psutil.Process(worker).status() == psutil.STATUS_ZOMBIE)


async def test_the_service_itself_does_not_load_pandas() -> None:
    program = "import sys, services.glucose.main; print([n for n in ('pandas', 'numpy') if n in sys.modules])"
    service = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    answer, _ = await service.communicate()
    assert answer.strip() == b"[]"
