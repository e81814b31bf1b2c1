"""The writer against the real platform: what is checked, what blocks, what is signed once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import pytest
from apricot.consult.v1.prescription_pb2 import (
    FINDING_CONSEQUENCE_BLOCKS,
    FINDING_SEVERITY_CONTRAINDICATED,
    PRESCRIPTION_STATE_ISSUED,
    PRESCRIPTION_STATE_REPLACED,
    PRESCRIPTION_STATE_REVOKED,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.account_pb2 import GetMeRequest
from pytestqt.qtbot import QtBot

from clients.clinician.models.desk import Desk
from clients.clinician.models.prescription.live_check import CheckState
from clients.clinician.models.prescription.writer import Block, Phase, PrescriptionWriter
from clients.clinician.models.settings import Settings
from clients.clinician.views.prescription.sign_bar import SignBar
from clients.sdk import Apricot
from clients.sdk.pace import Pace
from kit.database import Database
from stack.platform import Platform
from tests.clinician.conftest import OpenDesk
from tests.clinician.prescription.cable import Cable, cable_to
from tests.clinician.prescription.consulting_room import (
    FLUCONAZOLE,
    GLIMEPIRIDE,
    METFORMIN,
    MemoryDrafts,
    Room,
    first,
    room_with,
    tablet,
    write,
)
from tests.consult.prescriptions.writing import allergy
from tests.kit.running import until
from tests.people import People, Person

INTERACTION = "interaction:A10BB12:J02AC01"
LESS_PATIENT = Pace(call=1.0)


@pytest.fixture
async def room(people: People) -> Room:
    return await room_with(people)


@pytest.fixture
async def drafts() -> MemoryDrafts:
    return MemoryDrafts()


type Sit = Callable[..., PrescriptionWriter]


@pytest.fixture
async def sit(room: Room, open_desk: OpenDesk, drafts: MemoryDrafts) -> Sit:
    """Opens the writer at the doctor's desk; again, as after a crash."""
    desk = await open_desk(room.doctor)

    def opened(at: Desk = desk) -> PrescriptionWriter:
        writer = PrescriptionWriter(at, room.consultation_id, drafts)
        writer.open()
        return writer

    return opened


@pytest.fixture
async def far(room: Room, platform: Platform, settings: Settings) -> AsyncIterator[tuple[Desk, Cable]]:
    """A desk of the doctor's own session, by a network that can be lost."""
    async with (
        cable_to(platform.gateway_address.removeprefix("http://")) as cable,
        Apricot(cable.address, pace=LESS_PATIENT) as apricot,
    ):
        session = apricot.resume(room.doctor.session._tokens._saved)
        desk = Desk(session, (await session.account.GetMe(GetMeRequest())).account, settings)
        yield desk, cable
        cable.mend()
        await desk.close()


def keys(writer: PrescriptionWriter) -> set[str]:
    return {finding.key for finding in writer.check.findings}


async def checked(writer: PrescriptionWriter) -> None:
    await until(lambda: writer.check.state is CheckState.CHECKED)


async def test_nothing_is_checked_before_it_is_complete_and_nothing_is_signed_before_it_is_checked(
    room: Room, sit: Sit
) -> None:
    await room.decide()
    await room.tell()
    writer = sit()
    write(writer, METFORMIN | {"dose": ""})
    assert writer.check.state is CheckState.INCOMPLETE
    assert writer.blocks == [Block.INCOMPLETE]
    writer.edit(first(writer).key, dose="1")
    assert writer.blocks == [Block.NOT_CHECKED]
    await checked(writer)
    assert (writer.check.findings, writer.blocks) == ((), [])
    writer.edit(first(writer).key, dose="9")
    assert writer.blocks == [Block.NOT_CHECKED], "what was found before is not of what is written now"
    await until(lambda: writer.check.state is CheckState.CHECKED and "daily_dose:A10BA02" in keys(writer))


async def test_what_the_patient_records_meanwhile_is_checked_too(room: Room, sit: Sit) -> None:
    await room.decide()
    writer = sit()
    writer.record.load()
    write(writer, METFORMIN)
    await checked(writer)
    assert "allergy:not-recorded" in keys(writer)
    await room.tell()
    writer.record.look()
    assert writer.record.record is not None
    assert not writer.record.record.facts.HasField("allergies"), "no minute has passed"
    writer.record.load()
    await until(lambda: writer.check.state is CheckState.CHECKED and "allergy:not-recorded" not in keys(writer))


async def test_of_many_changes_the_last_is_what_was_checked(room: Room, sit: Sit) -> None:
    await room.decide()
    await room.tell()
    writer, states = sit(), list[CheckState]()
    writer.check.changed.connect(lambda: states.append(writer.check.state))
    write(writer, GLIMEPIRIDE)
    for dose in range(2, 40):
        writer.edit(first(writer).key, dose=str(dose))
        await asyncio.sleep(0)
    writer.edit(first(writer).key, dose="1")
    await checked(writer)
    assert states.count(CheckState.CHECKED) == 1
    assert not any(key.startswith("daily_dose") for key in keys(writer))


async def test_eligibility_that_was_not_decided_is_said_so_and_blocks(room: Room, sit: Sit) -> None:
    await room.tell()
    writer = sit()
    write(writer, METFORMIN)
    await until(lambda: writer.check.state is CheckState.REFUSED)
    assert writer.check.error is not None
    assert writer.check.error.reason == Reason.REASON_NOT_ELIGIBLE
    assert writer.blocks == [Block.REFUSED]
    writer.sign(room.doctor.authenticator.code() if room.doctor.authenticator else "")
    assert writer.phase is Phase.EDITING
    await room.decide()
    writer.reload()
    await checked(writer)
    assert writer.blocks == []


async def test_what_nobody_recorded_blocks_until_the_doctor_records_it(room: Room, sit: Sit) -> None:
    await room.decide()
    writer = sit()
    write(writer, METFORMIN)
    await checked(writer)
    assert {"allergy:not-recorded", "medicine:in-use", "kidney:A10BA02"} <= keys(writer)
    assert writer.blocks == [Block.UNSAFE]
    await until(lambda: writer.record.record is not None)
    for act in (writer.record.say_no_allergies, writer.record.say_no_medicines):
        act()
        await until(lambda: not writer.record.adding)
    writer.record.measure_kidneys(80)
    await until(lambda: writer.check.state is CheckState.CHECKED and writer.blocks == [Block.REASON_MISSING])
    assert {each.key for each in writer.needs_reason} == {"pregnancy:A10BA02"}


async def test_a_contraindication_and_an_allergy_block_whatever_the_reason(room: Room, sit: Sit) -> None:
    await room.decide()
    await room.tell(allergy("M01AE01", "布洛芬"))
    writer = sit()
    write(
        writer, tablet("A10BX02", "瑞格列奈", "repaglinide", "2"), tablet("C10AB04", "吉非罗齐", "gemfibrozil", "600")
    )
    await checked(writer)
    worst = writer.check.findings[0]
    assert (worst.severity, worst.consequence) == (FINDING_SEVERITY_CONTRAINDICATED, FINDING_CONSEQUENCE_BLOCKS)
    for finding in writer.check.findings:
        writer.give_reason(finding.key, "必须用")
    assert writer.blocks == [Block.UNSAFE]
    writer.remove_line(writer.writing.lines[1].key)
    writer.edit(first(writer).key, **tablet("M01AE01", "布洛芬", "ibuprofen", "200"))
    await until(lambda: writer.check.state is CheckState.CHECKED and "allergy:M01AE01:M01AE01" in keys(writer))
    assert writer.blocks == [Block.UNSAFE]


async def test_a_checker_that_does_not_answer_blocks_and_says_so(
    room: Room, sit: Sit, far: tuple[Desk, Cable], qtbot: QtBot
) -> None:
    await room.decide()
    await room.tell()
    desk, cable = far
    writer = sit(desk)
    write(writer, METFORMIN)
    await checked(writer)
    cable.cut()
    writer.edit(first(writer).key, days="6")
    assert writer.blocks == [Block.NOT_CHECKED]
    await until(lambda: writer.check.state is CheckState.UNREACHABLE)
    assert writer.blocks == [Block.NOT_CHECKED]
    bar = SignBar(writer)
    qtbot.addWidget(bar)
    assert "does not answer" in bar.state_words
    assert not bar.sign_button.isEnabled()
    cable.mend()
    await checked(writer)
    assert writer.blocks == []
    assert "Checked" in bar.state_words
    assert bar.sign_button.isEnabled()


async def _forget_codes(platform: Platform, doctor: Person) -> None:
    """Let the doctor's codes count once more: a new one would take half a minute."""
    identity = Database(platform.database_url, "identity", platform.sealing_keys("identity"))
    try:
        async with identity.connection() as connection:
            statement = "update second_factor set last_step = null where account_id = $1"
            await connection.execute(statement, UUID(doctor.account_id))
    finally:
        await identity.close()
    assert doctor.authenticator is not None
    doctor.authenticator.forget()


async def test_from_the_hand_to_the_patient_then_revised_and_taken_back(
    room: Room, sit: Sit, drafts: MemoryDrafts, platform: Platform
) -> None:
    await room.decide()
    await room.tell()
    assert room.doctor.authenticator is not None
    writer = sit()
    write(writer, GLIMEPIRIDE, FLUCONAZOLE)
    await checked(writer)
    assert writer.blocks == [Block.REASON_MISSING]
    for finding in writer.needs_reason:
        writer.give_reason(finding.key, "短期,每日自测血糖")
    assert writer.blocks == []
    writer.sign("000000")
    await until(lambda: writer.refusal is not None)
    assert writer.refusal is not None
    assert writer.refusal.reason == Reason.REASON_SECOND_FACTOR_INVALID
    assert writer.phase is Phase.EDITING
    writer.sign(room.doctor.authenticator.code())
    await until(lambda: writer.last_issued is not None)
    (issued,) = await room.of_patient()
    assert [item.atc_code for item in issued.content.written.items] == ["A10BB12", "J02AC01"]
    assert [item.quantity.value for item in issued.content.written.items] == ["7", "7"]
    assert "短期,每日自测血糖" in {override.reason for override in issued.content.overrides}
    assert drafts.is_empty
    assert writer.writing.is_empty

    writer.revise(issued)
    writer.remove_line(writer.writing.lines[1].key)
    await checked(writer)
    assert writer.blocks == []
    writer.sign()
    await until(lambda: writer.refusal is not None)
    assert writer.refusal is not None
    assert writer.refusal.reason == Reason.REASON_PROOF_OF_OTHER_CONTENT, "the first code was for the first revision"
    await _forget_codes(platform, room.doctor)
    writer.sign(room.doctor.authenticator.code())
    await until(lambda: writer.last_issued is not None and writer.last_issued.revision == 2)
    assert [each.state for each in await room.of_patient()] == [PRESCRIPTION_STATE_ISSUED, PRESCRIPTION_STATE_REPLACED]

    await until(lambda: len(writer.prescriptions.prescriptions) == 2)
    writer.prescriptions.revoke(issued.prescription_id, "剂量有误")
    await until(lambda: writer.prescriptions.prescriptions[0].state == PRESCRIPTION_STATE_REVOKED)
    assert (await room.of_patient())[0].revoke_reason == "剂量有误"


async def test_a_signature_without_the_second_factor_is_refused_and_nothing_is_lost(room: Room, sit: Sit) -> None:
    await room.decide()
    await room.tell()
    writer = sit()
    write(writer, METFORMIN)
    await checked(writer)
    writer.sign()
    await until(lambda: writer.refusal is not None)
    assert writer.refusal is not None
    assert writer.refusal.reason == Reason.REASON_FRESH_SIGN_IN_REQUIRED
    assert (writer.phase, writer.writing.sent) == (Phase.EDITING, "")
    assert first(sit()).name_en == "metformin"
    assert await room.of_patient() == []


async def test_what_was_typed_outlives_the_app(room: Room, sit: Sit) -> None:
    writer = sit()
    write(writer, METFORMIN | {"dose": "1.", "instructions": "饭后"}, FLUCONAZOLE)
    writer.give_reason(INTERACTION, "想过")
    writer.write_long_supply_reason("病情稳定")
    writer.close()
    again = sit()
    assert again.writing == writer.writing
    again.remove_line(first(again).key)
    assert again.removed is not None
    again.put_back()
    assert [line.name_en for line in again.writing.lines] == ["fluconazole", "metformin"]


async def test_an_answer_that_was_lost_is_asked_for_again_and_issues_nothing_twice(
    room: Room, sit: Sit, far: tuple[Desk, Cable], drafts: MemoryDrafts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await room.decide()
    await room.tell()
    desk, cable = far
    writer = sit(desk)
    write(writer, METFORMIN)
    await checked(writer)
    assert room.doctor.authenticator is not None
    flush = drafts.flush

    def flush_and_lose() -> None:
        flush()
        cable.lose_answers()

    monkeypatch.setattr(drafts, "flush", flush_and_lose)  # the last step before it is sent
    writer.sign(room.doctor.authenticator.code())
    await until(lambda: writer.phase is Phase.UNCERTAIN)
    assert len(await room.of_patient()) == 1, "it was issued; nobody told the doctor"
    writer.edit(first(writer).key, dose="2")
    assert first(writer).dose == "1", "nothing changes before it is known"

    monkeypatch.undo()
    cable.mend()
    drafts.crash()
    again = sit(desk)  # from what came to the disk before it was sent
    assert again.phase is Phase.UNCERTAIN
    again.sign()
    await until(lambda: again.last_issued is not None)
    (only,) = await room.of_patient()
    assert again.last_issued == only
    assert drafts.is_empty
