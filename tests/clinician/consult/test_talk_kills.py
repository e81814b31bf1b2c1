"""Consult is killed in the middle of a talk: nothing that she typed is lost, nothing is doubled."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from clients.clinician.models.consult.consulting import Consulting
from clients.clinician.models.consult.messages import Delivery
from clients.clinician.models.desk import Desk
from clients.clinician.models.settings import Settings
from clients.sdk import Apricot, Phase
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.clinician.conftest import DEPARTMENT
from tests.clinician.consult.arranged_talks import FileDrafts, ask, taken
from tests.consult.doctors import listed_doctor
from tests.consult.talk.ear import listening
from tests.kit.running import until
from tests.people import People


@pytest.fixture
async def wounded() -> AsyncIterator[Platform]:
    """A platform of this test's own."""
    async with temporary_platform(
        demo=True, gateway_user_requests_per_second=10_000, gateway_sign_in_requests_per_minute=100_000
    ) as running:
        yield running


async def test_what_is_said_while_consult_is_away_comes_once(
    wounded: Platform, settings: Settings, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        apricot = await stack.enter_async_context(Apricot(wounded.gateway_address.removeprefix("http://")))
        people = People(apricot, wounded.part("identity").log.path)
        doctor, patient = await listed_doctor(people, DEPARTMENT), await people.patient()
        assert doctor.session.signed_in is not None
        desk = Desk(doctor.session, doctor.session.signed_in.account, settings)
        stack.push_async_callback(desk.close)
        desk.open()
        room = Consulting(desk, FileDrafts(tmp_path / "drafts"))
        room.open()
        consultation_id = await ask(patient, doctor=doctor)
        await taken(room, consultation_id)
        talk = room.talk
        assert talk is not None
        async with listening(patient, consultation_id) as ear:
            talk.say("before")
            await until(lambda: "before" in ear.texts())
            wounded.replicas("consult")[0].kill(restart=False)
            talk.say("meanwhile 1")
            talk.say("meanwhile 2")
            talk.type("half typed")
            assert [line.delivery for line in talk.messages.lines[-2:]] == [Delivery.SENDING] * 2
            await until(lambda: talk.phase is Phase.STALE and room.inbox.phase is Phase.STALE)
            await wounded.replicas("consult")[0].start()
            await until(lambda: ear.texts()[-2:] == ["meanwhile 1", "meanwhile 2"])
            await until(lambda: talk.sending == 0 and room.inbox.phase is Phase.LIVE)
            assert [line.content.text for line in talk.messages.lines if line.content.text] == [
                "before",
                "meanwhile 1",
                "meanwhile 2",
            ]
            assert talk.text == "half typed"
            assert [text for text in ear.texts() if text] == ["before", "meanwhile 1", "meanwhile 2"]
