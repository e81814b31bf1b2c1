"""Who may open a consultation with whom, and what it costs; who may take it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_MODE_TEXT,
    CONSULTATION_MODE_VIDEO,
    CONSULTATION_MODE_VOICE,
    FEE_STATE_HELD,
    FEE_STATE_UNSPECIFIED,
    ConsultationMode,
    Guardian,
)
from apricot.errors.v1.reason_pb2 import Reason
from hypothesis import given
from hypothesis import strategies as st

from kit.profiles import Profile, age_years
from services.consult.domain.entitlement import practising_since
from services.consult.domain.practice import long_enough
from services.consult.rpc import listing
from tests.consult.life.practice import Practice, refused

MOTHER = Guardian(name="王芳", relationship="母亲")


@given(st.dates(date(1900, 1, 1), date(2090, 1, 1)), st.integers(0, 45_000))
def test_somebody_grows_a_year_older_on_each_birthday(born: date, days: int) -> None:
    today = born + timedelta(days=days)
    age = age_years(born, today)
    assert age >= 0
    birthday = (born.month, born.day)
    assert age_years(born, today + timedelta(days=1)) - age == (
        (today + timedelta(days=1)).timetuple()[1:3] == birthday
        or (birthday == (2, 29) and today.timetuple()[1:3] == (2, 28) and (today + timedelta(days=1)).day == 1)
    )


@given(st.dates(date(1995, 1, 1), date(2080, 1, 1)), st.integers(-2, 2), st.integers(0, 23))
def test_the_query_for_three_years_agrees_with_the_rule(registered: date, days: int, hours: int) -> None:
    day = registered + timedelta(days=3 * 365 + 1 + days)
    now = datetime(day.year, day.month, day.day, hours, tzinfo=UTC)
    assert (registered <= practising_since(now)) == long_enough(registered, now)


@pytest.mark.parametrize(
    ("born", "guardian", "taken"),
    [
        (date(2020, 11, 25), False, False),  # six tomorrow
        (date(2020, 11, 25), True, True),
        (date(2020, 11, 24), False, True),  # six today, in Shanghai
        (date(1980, 5, 1), False, True),
        (None, False, True),
    ],
)
async def test_a_child_under_six_has_a_guardian(
    practice: Practice, born: date | None, guardian: bool, taken: bool
) -> None:
    practice.profile = Profile("小宝", born)
    fields: dict[str, Any] = {"guardian": MOTHER} if guardian else {}
    if not taken:
        with refused(Reason.REASON_GUARDIAN_REQUIRED):
            await practice.open(practice.doctor, **fields)
        return
    consultation = await practice.open(practice.doctor, **fields)
    assert consultation.HasField("guardian") is guardian
    assert consultation.HasField("patient_age_years") is (born is not None)


async def test_the_age_is_that_of_the_patient_s_day(practice: Practice) -> None:
    """It is 22:00 on the 23rd in New York when it is 11:00 on the 24th in Shanghai."""
    practice.clock.advance(hours=3)
    practice.profile = Profile("小宝", date(2020, 11, 24), "America/New_York")
    with refused(Reason.REASON_GUARDIAN_REQUIRED):
        await practice.open(practice.doctor)


@pytest.mark.parametrize(
    ("mode", "fee_minor"),
    [(CONSULTATION_MODE_TEXT, 20_00), (CONSULTATION_MODE_VOICE, 40_00), (CONSULTATION_MODE_VIDEO, 60_00)],
)
async def test_the_pool_s_fee(practice: Practice, mode: ConsultationMode.ValueType, fee_minor: int) -> None:
    asked = await practice.open(mode=mode)
    assert (asked.fee.minor_units, asked.fee.currency_code, asked.fee_state) == (fee_minor, "CNY", FEE_STATE_HELD)
    assert asked.pool
    assert asked.doctor_id == ""


async def test_what_is_free_has_no_fee(practice: Practice) -> None:
    await practice.fetch("update doctor_mode set fee_minor = 0")
    asked = await practice.open(practice.doctor)
    assert (asked.HasField("fee"), asked.fee_state) == (False, FEE_STATE_UNSPECIFIED)
    assert (await practice.cancel(asked)).fee_state == FEE_STATE_UNSPECIFIED


async def test_five_may_be_open(practice: Practice) -> None:
    asked = [await practice.open() for _ in range(5)]
    with refused(Reason.REASON_TOO_MANY):
        await practice.open(practice.doctor)
    await practice.cancel(asked[2])
    await practice.open(practice.doctor)


async def test_what_does_not_exist(practice: Practice) -> None:
    addressees: list[dict[str, Any]] = [
        {"doctor_id": str(uuid4())},
        {"department_code": "astrology"},
        {"appointment_id": str(uuid4())},
    ]
    for addressee in addressees:
        with refused(Reason.REASON_NOT_FOUND):
            await practice.open(None, **addressee)


async def test_a_doctor_does_not_consult_herself(practice: Practice) -> None:
    with refused(Reason.REASON_NOT_ALLOWED):
        await practice.open(practice.doctor, by=practice.doctor)
    own = await practice.open(by=practice.doctor)
    assert practice.doctor not in await practice.pushed(own)
    assert await practice.pool(practice.doctor) == []
    assert await practice.pool(practice.colleague) == [own.consultation_id]
    with refused(Reason.REASON_NOT_FOUND):
        await practice.claim(own)
    await practice.claim(own, by=practice.colleague)


THIS_MORNING = timedelta(hours=-2)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("listed", False),
        ("licence_end_time", None),
        ("licence_end_time", datetime(2026, 11, 24, tzinfo=UTC) + THIS_MORNING),
        ("first_registration_date", None),
        ("first_registration_date", date(2023, 11, 25)),
    ],
)
async def test_a_doctor_who_is_not_available(practice: Practice, column: str, value: object) -> None:
    await practice.fetch(f"update doctor set {column} = $1 where doctor_id = $2", value, practice.doctor)  # noqa: S608
    with refused(Reason.REASON_DOCTOR_NOT_AVAILABLE):
        await practice.open(practice.doctor)
    asked = await practice.open()
    assert await practice.pushed(asked) == [practice.colleague]
    assert (await practice.listed(practice.doctor, pool=True)).consultations == []
    with refused(Reason.REASON_NOT_FOUND):
        await practice.get(asked, by=practice.doctor)


async def test_a_mode_that_the_doctor_does_not_offer(practice: Practice) -> None:
    with refused(Reason.REASON_DOCTOR_NOT_AVAILABLE):
        await practice.open(practice.doctor, mode=CONSULTATION_MODE_VIDEO)


@pytest.mark.parametrize("pool", [False, True], ids=["chosen", "pool"])
async def test_a_licence_that_expired_this_morning_takes_nothing(practice: Practice, pool: bool) -> None:
    """The doctor is signed in, and was entitled when the patient asked."""
    asked = await practice.open(None if pool else practice.doctor)
    end = practice.clock.now + timedelta(seconds=30)
    await practice.fetch("update doctor set licence_end_time = $1", end)
    practice.clock.now = end
    with refused(Reason.REASON_LICENCE_EXPIRED):
        await practice.claim(asked)
    await practice.fetch("update doctor set licence_end_time = $1", end + timedelta(microseconds=1))
    await practice.claim(asked)


async def test_three_years_in_practice_take_it(practice: Practice) -> None:
    asked = await practice.open()
    await practice.fetch("update doctor set first_registration_date = '2023-11-25'")
    with refused(Reason.REASON_PRACTICE_TOO_SHORT):
        await practice.claim(asked)
    practice.clock.advance(hours=16)  # midnight in Shanghai
    await practice.claim(asked)


async def test_a_pool_is_its_department_s_until_it_is_passed_on(practice: Practice) -> None:
    other = await practice.add_doctor(uuid4(), "cardiology")
    asked = await practice.open()
    with refused(Reason.REASON_NOT_FOUND):
        await practice.claim(asked, by=other)
    practice.clock.advance(minutes=10)
    await practice.timers.act_due()
    await practice.claim(asked, by=other)


async def test_the_pool_s_most_urgent_first_page_by_page(practice: Practice) -> None:
    asked = []
    for minutes in 0, 5, 4, 2:
        practice.clock.advance(minutes=minutes)
        practice.patient = uuid4()
        asked.append((await practice.open()).consultation_id)
    await practice.timers.act_due()  # the first is passed on
    found, token = [], ""
    while True:
        page = await practice.listed(practice.doctor, pool=True, page_size=1, page_token=token)
        found += [each.consultation_id for each in page.consultations]
        token = page.next_page_token
        if not token:
            break
    assert found == asked
    with refused(Reason.REASON_INVALID_PAGE_TOKEN):
        first = await practice.listed(practice.doctor, pool=True, page_size=1)
        await practice.listed(practice.doctor, page_token=first.next_page_token)
    with refused(Reason.REASON_ROLE_REQUIRED):
        await practice.listed(practice.patient, pool=True)


async def test_a_page_of_long_ones_ends_earlier(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE_BYTES", 10_000)
    asked = [(await practice.open(practice.doctor, complaint="痛" * 2000)).consultation_id for _ in range(3)]
    first = await practice.listed(practice.patient)
    assert len(first.consultations) == 1
    second = await practice.listed(practice.patient, page_token=first.next_page_token)
    third = await practice.listed(practice.patient, page_token=second.next_page_token)
    found = [each.consultation_id for page in (first, second, third) for each in page.consultations]
    assert sorted(found) == sorted(asked)
    assert third.next_page_token == ""


async def test_one_s_own_the_last_changed_first(practice: Practice) -> None:
    asked = []
    for _ in range(3):
        practice.clock.advance(minutes=1)
        asked.append(await practice.open(practice.doctor))
    practice.clock.advance(minutes=1)
    await practice.say(asked[0], practice.patient)
    found, token = [], ""
    while True:
        page = await practice.listed(practice.patient, page_size=2, page_token=token)
        found += [each.consultation_id for each in page.consultations]
        token = page.next_page_token
        if not token:
            break
    assert found == [asked[n].consultation_id for n in (0, 2, 1)]
    await practice.cancel(asked[1])
    waiting = await practice.listed(practice.patient, state=1)
    assert [each.consultation_id for each in waiting.consultations] == [asked[n].consultation_id for n in (0, 2)]
