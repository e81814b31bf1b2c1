"""Licences: submitted, reviewed, counting until they end."""

import asyncio

from aiohttp.test_utils import make_mocked_request
from apricot.access.v1.access_pb2 import ROLE_CLINICIAN, ROLE_PATIENT, ROLE_PHARMACIST, Role
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2, auth_pb2, licence_pb2
from apricot.identity.v1.licence_pb2 import (
    LICENCE_STATE_APPROVED,
    LICENCE_STATE_REJECTED,
    LICENCE_STATE_SUBMITTED,
    LICENCE_STATE_WITHDRAWN,
)

from kit.call import HOLDS_ROLE
from services.identity.domain import licences
from tests.identity.running import Running, refused, request_id, soon


async def test_an_approved_licence_gives_the_role_once_there_is_a_second_factor(shared: Running) -> None:
    person = await shared.sign_in()
    licence = await shared.submit(person)
    assert licence.state == LICENCE_STATE_SUBMITTED
    assert (await shared.review(licence.licence_id, LICENCE_STATE_APPROVED)).state == LICENCE_STATE_APPROVED
    me = (await shared.account("GetMe", account_pb2.GetMeRequest(), person)).account
    assert list(me.roles) == [ROLE_PATIENT, ROLE_CLINICIAN]
    assert (await shared.sign_in(person)).roles == ["patient"]
    assert (await shared.enroll(person)).roles == ["patient", "clinician"]


async def test_a_sign_in_says_that_a_second_factor_is_waited_for(shared: Running) -> None:
    person = await shared.sign_in()
    await shared.review((await shared.submit(person)).licence_id, LICENCE_STATE_APPROVED)
    shared.clock.advance(minutes=1)
    code = auth_pb2.PhoneCode(phone=person.phone, code=await shared.code(person.phone))
    answer = await shared.auth("SignIn", auth_pb2.SignInRequest(phone_code=code))
    assert answer.second_factor_enrollment_required


async def test_gateway_learns_that_a_role_was_given_since_the_token(shared: Running) -> None:
    person = await shared.enroll(await shared.sign_in())

    async def told(path: str = "apricot.consult.v1.ConsultationService/ClaimConsultation", token: str = "") -> bool:
        service, method = path.split("/")
        headers = {"authorization": f"Bearer {token or person.tokens.access_token}"}
        asked = make_mocked_request("POST", "/", headers, match_info={"service": service, "method": method})
        return HOLDS_ROLE in (await shared.identity.roles_by_now.answer(asked)).headers

    assert not await told()
    await shared.review((await shared.submit(person)).licence_id, LICENCE_STATE_APPROVED)
    assert await told()
    assert not await told("apricot.identity.v1.AuthService/RotateKeys"), "an administrator's"
    assert not await told("apricot.none.v1.Nothing/Nothing")
    assert not await told(token="no token of ours")


async def test_the_next_refresh_carries_a_role_that_was_given_meanwhile(shared: Running) -> None:
    person = await shared.enroll(await shared.sign_in())
    licence = await shared.submit(person)
    await shared.review(licence.licence_id, LICENCE_STATE_APPROVED)
    assert (await shared.fresh(person)).roles == ["patient", "clinician"]


async def test_a_withdrawn_licence_takes_the_role_and_ends_the_sessions(shared: Running) -> None:
    person = await shared.clinician()
    licences = await shared.licence("ListLicences", licence_pb2.ListLicencesRequest(), person)
    await shared.review(licences.licences[0].licence_id, LICENCE_STATE_WITHDRAWN)
    with refused(Reason.REASON_SESSION_ENDED):
        await shared.account("GetMe", account_pb2.GetMeRequest(), person)
    assert (await shared.sign_in(person)).roles == ["patient"]


async def test_a_licence_gives_the_role_until_its_last_day_is_over(own: Running) -> None:
    person = await own.clinician(expiry_date="2026-06-02")
    own.clock.now = own.clock.now.replace(day=2, hour=15, minute=59)
    assert (await own.fresh(person)).roles == ["patient", "clinician"]
    own.clock.advance(minutes=1)  # midnight in China
    assert (await own.fresh(person)).roles == ["patient"]


async def test_an_expired_licence_is_neither_submitted_nor_approved(own: Running) -> None:
    person = await own.sign_in()
    with refused(Reason.REASON_LICENCE_EXPIRED):
        await own.submit(person, expiry_date="2026-05-31")
    licence = await own.submit(person, expiry_date="2026-06-02")
    own.clock.advance(days=3)
    with refused(Reason.REASON_LICENCE_EXPIRED):
        await own.review(licence.licence_id, LICENCE_STATE_APPROVED)


async def test_a_day_that_no_calendar_has_is_refused(shared: Running) -> None:
    with refused(Reason.REASON_INVALID_FIELD):
        await shared.submit(await shared.sign_in(), expiry_date="2027-02-30")


async def test_stranger_blocks_nobody_from_submitting_a_number(shared: Running) -> None:
    stranger, doctor = await shared.sign_in(), await shared.sign_in()
    number = f"N-{doctor.phone[1:]}"
    taken = await shared.submit(stranger, number=number)
    real = await shared.submit(doctor, number=number.lower())
    await shared.review(real.licence_id, LICENCE_STATE_APPROVED)
    with refused(Reason.REASON_ALREADY_EXISTS):
        await shared.review(taken.licence_id, LICENCE_STATE_APPROVED)
    assert (await shared.submit(stranger, number=number)).state == LICENCE_STATE_SUBMITTED  # tells nothing


async def test_renewal_takes_the_place_of_the_approved_licence(shared: Running) -> None:
    doctor = await shared.clinician()
    [first] = (await shared.licence("ListLicences", licence_pb2.ListLicencesRequest(), doctor)).licences
    renewal = await shared.submit(doctor, expiry_date="2035-12-31", number=first.details.number)
    await shared.review(renewal.licence_id, LICENCE_STATE_APPROVED)
    found = (await shared.licence("ListLicences", licence_pb2.ListLicencesRequest(), doctor)).licences
    assert [licence.state for licence in found] == [LICENCE_STATE_APPROVED, LICENCE_STATE_WITHDRAWN]
    assert (await shared.fresh(doctor)).roles == ["patient", "clinician"]


async def test_one_number_is_approved_once_of_two_at_the_same_time(shared: Running) -> None:
    number = f"R-{(await shared.sign_in()).phone[1:]}"
    waiting = [await shared.submit(await shared.sign_in(), number=number) for _ in range(3)]
    admin = await shared.admin()

    async def approve(licence: licence_pb2.Licence) -> bool:
        request = licence_pb2.ReviewLicenceRequest(
            request_id=request_id(), licence_id=licence.licence_id, decision=LICENCE_STATE_APPROVED
        )
        await shared.licence("ReviewLicence", request, admin)
        return True

    answers = await asyncio.gather(*map(approve, waiting), return_exceptions=True)
    assert answers.count(True) == 1


async def test_submitted_licences_of_one_account_are_bounded(shared: Running) -> None:
    person = await shared.sign_in()
    for _ in range(licences.MAX_WAITING):
        await shared.submit(person)
    with refused(Reason.REASON_TOO_MANY):
        await shared.submit(person)


async def test_a_review_goes_where_the_state_allows_and_never_to_ones_own(shared: Running) -> None:
    licence = await shared.submit(await shared.sign_in())
    with refused(Reason.REASON_WRONG_STATE):
        await shared.review(licence.licence_id, LICENCE_STATE_WITHDRAWN)
    await shared.review(licence.licence_id, LICENCE_STATE_REJECTED)
    with refused(Reason.REASON_WRONG_STATE):
        await shared.review(licence.licence_id, LICENCE_STATE_APPROVED)
    with refused(Reason.REASON_NOT_FOUND):
        await shared.review(request_id(), LICENCE_STATE_APPROVED)
    own_licence = await shared.submit(await shared.admin())
    with refused(Reason.REASON_NOT_ALLOWED):
        await shared.review(own_licence.licence_id, LICENCE_STATE_APPROVED)


async def test_only_an_admin_reviews(shared: Running) -> None:
    person = await shared.sign_in()
    licence = await shared.submit(person)
    request = licence_pb2.ReviewLicenceRequest(
        request_id=request_id(), licence_id=licence.licence_id, decision=LICENCE_STATE_APPROVED
    )
    with refused(Reason.REASON_ROLE_REQUIRED):
        await shared.licence("ReviewLicence", request, person)


async def test_one_sees_ones_own_and_an_admin_everybodys_page_by_page(own: Running) -> None:
    people = [await own.sign_in() for _ in range(3)]
    made = list[str]()
    for person in (*people, *people):
        made.append((await own.submit(person)).licence_id)
        own.clock.advance(seconds=1)
    mine = await own.licence("ListLicences", licence_pb2.ListLicencesRequest(), people[0])
    assert [licence.licence_id for licence in mine.licences] == [made[3], made[0]]
    admin, seen, token = await own.admin(), list[str](), ""
    while True:
        page = await own.licence("ListLicences", licence_pb2.ListLicencesRequest(page_size=4, page_token=token), admin)
        seen += [licence.licence_id for licence in page.licences]
        token = page.next_page_token
        if not token:
            break
    assert seen == made[::-1]
    submitted = licence_pb2.ListLicencesRequest(state=LICENCE_STATE_APPROVED)
    assert not (await own.licence("ListLicences", submitted, admin)).licences
    with refused(Reason.REASON_INVALID_PAGE_TOKEN):
        await own.licence("ListLicences", licence_pb2.ListLicencesRequest(page_token="bm9uc2Vuc2U="), admin)


async def test_services_learn_what_may_be_shown_of_professionals(shared: Running) -> None:
    doctor, waiting, patient = await shared.sign_in(), await shared.sign_in(), await shared.sign_in()
    await shared.submit(waiting)
    licences = [await shared.submit(doctor, expiry_date=date) for date in ("2027-01-31", "2029-06-30", "2028-12-31")]
    for licence in licences:
        await shared.review(licence.licence_id, LICENCE_STATE_APPROVED)
    service = await shared.service("consult")

    async def known(role: Role.ValueType = ROLE_CLINICIAN) -> list[tuple[str, str]]:
        request = licence_pb2.GetProfessionalsRequest(
            account_ids=[person.account_id for person in (doctor, waiting, patient)], role=role
        )
        answer = await shared.licence("GetProfessionals", request, service)
        return [(one.account_id, one.licence.expiry_date) for one in answer.professionals]

    assert await known() == [(doctor.account_id, "2029-06-30")]
    assert await known(ROLE_PHARMACIST) == []
    async with shared.events(f"apricot.identity.licence.changed.{doctor.account_id}") as changes:
        await shared.review(licences[1].licence_id, LICENCE_STATE_WITHDRAWN)
        await soon(changes.get())
    assert await known() == [(doctor.account_id, "2028-12-31")]
