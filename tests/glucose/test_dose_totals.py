"""Doses added up for the platform's other services, on a real database; no person may ask."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import grpc
import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.dose_pb2 import (
    DoseAmount,
    MedicineDoses,
    PatientDoses,
    SummarizeDosesRequest,
    SummarizeDosesResponse,
)
from apricot.glucose.v1.dose_pb2_grpc import DoseServiceStub
from apricot.glucose.v1.entry_pb2 import (
    DOSE_UNIT_MG,
    DOSE_UNIT_TABLET,
    INSULIN_KIND_LONG,
    Entry,
)
from hypothesis import given
from hypothesis import strategies as st

from clients.sdk import Recorder
from kit.service_identity import ServiceIdentity
from kit.times import to_timestamp
from services.glucose.domain.dose_totals import Dose, Medicine, add_up
from services.glucose.rpc.doses import Doses
from services.glucose.rpc.errors import ERRORS
from services.glucose.store import doses as store
from stack.platform import Platform
from tests.glucose.called import call
from tests.glucose.diaries import HAND, ago, log
from tests.glucose.quiet import NOW, Quiet, quiet_database
from tests.in_process import refused_by
from tests.patience import PATIENCE
from tests.people import People

METFORMIN = "A10BA02"


@pytest.fixture(scope="module")
async def quiet(engines: Platform) -> AsyncIterator[Quiet]:
    async with quiet_database(engines) as made:
        yield made


async def summaries(
    quiet: Quiet, *patients: UUID, start: datetime = NOW - timedelta(days=30), end: datetime = NOW
) -> list[PatientDoses]:
    request = SummarizeDosesRequest(
        patient_ids=map(str, patients), start_time=to_timestamp(start), end_time=to_timestamp(end)
    )
    answer = await Doses(quiet.database).SummarizeDoses(request, call("DoseService/SummarizeDoses", uuid4()))
    return list(answer.patients)


def amounts(of: MedicineDoses) -> list[tuple[str, int]]:
    return [plain(amount) for amount in of.amounts]


def plain(amount: DoseAmount) -> tuple[str, int]:
    return amount.amount.value, 0 if amount.international_units else amount.dose_unit


async def test_each_medicine_is_added_up_by_itself_and_by_unit(quiet: Quiet) -> None:
    patient, at = uuid4(), NOW - timedelta(hours=3)
    await quiet.log(
        patient,
        [
            HAND.medicine_dose(at, "盐酸二甲双胍片", "500", DOSE_UNIT_MG, atc_code=METFORMIN),
            HAND.medicine_dose(at + timedelta(minutes=1), "二甲双胍", "0.5", DOSE_UNIT_TABLET, atc_code=METFORMIN),
            HAND.medicine_dose(at + timedelta(minutes=2), "metformin", "250", DOSE_UNIT_MG, atc_code=METFORMIN),
            HAND.medicine_dose(at + timedelta(minutes=3), " Metformin", "1", DOSE_UNIT_TABLET),
            HAND.insulin_dose(at, INSULIN_KIND_LONG, "18.5"),
            HAND.fingerstick_reading(at, 100),
        ],
    )
    [found] = await summaries(quiet, patient)
    assert found.time_zone == "Asia/Shanghai"
    insulin, named, coded = found.medicines
    assert (insulin.insulin_kind, amounts(insulin)) == (INSULIN_KIND_LONG, [("18.5", 0)])
    assert (named.name, named.count, amounts(named)) == ("metformin", 1, [("1", DOSE_UNIT_TABLET)])
    assert (coded.atc_code, coded.count) == (METFORMIN, 3)
    assert amounts(coded) == [("750", DOSE_UNIT_MG), ("0.5", DOSE_UNIT_TABLET)]
    assert coded.first_time == to_timestamp(at)
    assert coded.last_time == to_timestamp(at + timedelta(minutes=2))


async def test_days_are_the_patient_s_also_when_the_clocks_change(quiet: Quiet) -> None:
    """In New York the first of November 2026 has 25 hours, the eighth of March 23."""
    patient, zone = uuid4(), "America/New_York"
    recorder = Recorder.by_hand("phone", zone)
    times = [
        datetime(2026, 3, 8, 0, 30, tzinfo=ZoneInfo(zone)),
        datetime(2026, 3, 8, 23, 30, tzinfo=ZoneInfo(zone)),
        datetime(2026, 11, 1, 0, 30, tzinfo=ZoneInfo(zone)),
        datetime(2026, 11, 1, 23, 30, tzinfo=ZoneInfo(zone)),
        datetime(2026, 11, 2, 0, 30, tzinfo=ZoneInfo(zone)),
    ]
    await quiet.log(
        patient, [recorder.medicine_dose(time.astimezone(UTC), "metformin", "1", DOSE_UNIT_TABLET) for time in times]
    )
    [found] = await summaries(quiet, patient, start=datetime(2026, 1, 1, tzinfo=UTC))
    [medicine] = found.medicines
    assert [(day.local_date, day.count) for day in medicine.days] == [
        ("2026-03-08", 2),
        ("2026-11-01", 2),
        ("2026-11-02", 1),
    ]
    assert found.time_zone == zone


async def test_the_window_ends_before_its_end_and_what_was_deleted_does_not_count(quiet: Quiet) -> None:
    patient, start, end = uuid4(), NOW - timedelta(days=1), NOW
    tick = timedelta(milliseconds=1)
    _, _, deleted, _ = await quiet.log(
        patient,
        [
            HAND.medicine_dose(start - tick, "metformin", "1", DOSE_UNIT_TABLET),
            HAND.medicine_dose(start, "metformin", "2", DOSE_UNIT_TABLET),
            HAND.medicine_dose(start + tick, "metformin", "4", DOSE_UNIT_TABLET),
            HAND.medicine_dose(end, "metformin", "8", DOSE_UNIT_TABLET),
        ],
    )
    await quiet.delete(patient, deleted.entry_id, 1)
    [found] = await summaries(quiet, patient, start=start, end=end)
    assert [amounts(medicine) for medicine in found.medicines] == [[("2", DOSE_UNIT_TABLET)]]


async def test_patients_stand_apart_in_the_order_asked_for(quiet: Quiet) -> None:
    first, second, nobody = uuid4(), uuid4(), uuid4()
    for patient, amount in (first, "1"), (second, "2"):
        await quiet.log(patient, [HAND.medicine_dose(NOW - timedelta(hours=1), "metformin", amount, DOSE_UNIT_TABLET)])
    found = await summaries(quiet, second, nobody, first)
    assert [one.patient_id for one in found] == [str(second), str(nobody), str(first)]
    assert [[amounts(medicine) for medicine in one.medicines] for one in found] == [
        [[("2", DOSE_UNIT_TABLET)]],
        [],
        [[("1", DOSE_UNIT_TABLET)]],
    ]
    assert not found[1].time_zone


async def test_a_window_has_bounds(quiet: Quiet, monkeypatch: pytest.MonkeyPatch) -> None:
    with refused_by(ERRORS, Reason.REASON_INVALID_FIELD):
        await summaries(quiet, uuid4(), start=NOW, end=NOW)
    with refused_by(ERRORS, Reason.REASON_INVALID_FIELD):
        await summaries(quiet, uuid4(), start=NOW - timedelta(days=367))
    patient = uuid4()
    monkeypatch.setattr(store, "MOST_DOSES", 1)
    entries: list[Entry] = [
        HAND.medicine_dose(NOW - timedelta(hours=hours), "metformin", "1", DOSE_UNIT_TABLET) for hours in (1, 2)
    ]
    await quiet.log(patient, entries[:1])
    assert len(await summaries(quiet, patient)) == 1
    await quiet.log(patient, entries[1:])
    with refused_by(ERRORS, Reason.REASON_TOO_LARGE):
        await summaries(quiet, patient)


async def test_services_alone_may_ask(platform: Platform, people: People) -> None:
    patient = await people.patient()
    await log(patient, HAND.medicine_dose(ago(5), "metformin", "1", DOSE_UNIT_TABLET))
    request = SummarizeDosesRequest(
        patient_ids=[patient.account_id], start_time=to_timestamp(ago(60)), end_time=to_timestamp(ago(0))
    )
    [identity], glucose = platform.addresses("identity"), platform.addresses("glucose")[0]
    async with grpc.aio.insecure_channel(identity) as channel, grpc.aio.insecure_channel(glucose) as asked:
        stub = DoseServiceStub(asked)
        secret = platform.state.secrets().service_secrets["pharmacy"]
        answer = await ServiceIdentity(channel, "pharmacy", secret).ask(stub.SummarizeDoses, request)
        assert isinstance(answer, SummarizeDosesResponse)
        assert answer.patients[0].medicines[0].count == 1
        for person in patient, await people.clinician(), await people.admin():
            metadata = (("authorization", f"Bearer {await person.token()}"),)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await stub.SummarizeDoses(request, timeout=PATIENCE, metadata=metadata)
            assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED


DOSES = st.builds(
    Dose,
    medicine=st.sampled_from([Medicine(atc_code=METFORMIN), Medicine(name="metformin"), Medicine(insulin_kind=4)]),
    time=st.datetimes(timezones=st.just(UTC)),
    local_date=st.dates(),
    amount=st.decimals(0, 1000, places=3),
    unit=st.integers(0, 4),
)


@given(st.lists(DOSES))
def test_no_dose_is_lost_and_the_order_does_not_matter(doses: list[Dose]) -> None:
    totals = add_up(doses)
    assert sum(total.all.count for total in totals.values()) == len(doses)
    assert sum(dose.amount for dose in doses) == sum(
        sum(total.all.amounts.values(), Decimal()) for total in totals.values()
    )
    for total in totals.values():
        assert total.all.count == sum(day.count for day in total.days.values())
        for unit, amount in total.all.amounts.items():
            assert amount == sum((day.amounts.get(unit, Decimal()) for day in total.days.values()), Decimal())
    assert add_up(reversed(doses)) == totals
