"""The sealing key changes, process by process and by `kill -9`, while people talk."""

import base64
from collections.abc import AsyncIterator

import pytest

from clients.sdk import Apricot
from kit.database import Database
from kit.sealing import SealingKeys
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.consult.talk.arranged import arranged
from tests.consult.talk.ear import listening
from tests.faults.load import until
from tests.faults.talking import talking
from tests.patience import PATIENT
from tests.people import People

NEW = "new:" + base64.b64encode(bytes(32)).decode()
SEALED = "select count(*), count(*) filter (where substr(content, 1, $2) = $1) from message"
PROGRAMS = ("identity", "consult-1", "consult-2", "consult-worker")


@pytest.fixture(scope="module")
async def rotated() -> AsyncIterator[Platform]:
    """A platform for itself: its keys are others afterwards."""
    parts = ("postgres", "nats", "migrate", "identity", "consult", "gateway")
    async with temporary_platform(parts, demo=True, consult_replicas=2) as platform:
        yield platform


@pytest.fixture(scope="module")
async def folk(rotated: Platform) -> AsyncIterator[People]:
    address = rotated.gateway_address.removeprefix("http://")
    async with Apricot(address, pace=PATIENT) as client:
        yield People(client, rotated.part("identity").log.path)


async def restarted_with(platform: Platform, keys: str) -> None:
    """One program after the other, each by `kill -9`; the worker last: what it walks then nobody else undoes."""
    programs = {one.name: one for one in platform.plan.services}
    for name in PROGRAMS:
        programs[name].variables["APRICOT_SEALING_KEYS"] = keys
        platform.part(name).kill()
        await platform.part(name).wait_ready()


async def test_nothing_is_lost_and_the_old_key_opens_nothing(rotated: Platform, folk: People) -> None:
    old = rotated.state.secrets().sealing_keys_of("identity", "consult")
    after = SealingKeys.parse(NEW)
    database = Database(rotated.database_url, "consult", rotated.sealing_keys("consult"))
    made = await arranged(folk, database, doctor=await folk.patient())

    async def all_are_sealed_anew() -> bool:
        async with database.connection() as connection:
            every, new = await connection.fetchrow(SEALED, after.prefix, len(after.prefix))
        return bool(every == new > 0)

    async with talking(made) as speakers:
        await restarted_with(rotated, f"{old},{NEW}")
        assert not await all_are_sealed_anew()
        await restarted_with(rotated, f"{NEW},{old}")
        await until(all_are_sealed_anew)
        await restarted_with(rotated, NEW)
        for speaker in speakers:
            await speaker.has_said(1)
    async with listening(made.doctor, made.consultation_id) as anew:
        await anew.has(len(speakers))
        assert "device 0-0" in anew.texts()
    assert (await folk.clinician()).account_id  # by phone, and a second factor that only the old key had sealed
    await database.close()
