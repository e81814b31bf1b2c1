"""Sessions and devices listed and ended one by one, and a phone that changes."""

from dataclasses import replace
from datetime import UTC, timedelta

from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2, auth_pb2, security_pb2

from tests.identity.running import PASSWORD, Person, Running, new_phone, refused, request_id
from tests.identity.test_identity_fresh_proof import prove, set_password

ME = account_pb2.GetMeRequest()


async def sessions_of(running: Running, person: Person) -> list[security_pb2.Session]:
    return list((await running.security("ListSessions", security_pb2.ListSessionsRequest(), person)).sessions)


async def devices_of(running: Running, person: Person) -> list[security_pb2.Device]:
    return list((await running.security("ListDevices", security_pb2.ListDevicesRequest(), person)).devices)


async def registered(running: Running, person: Person) -> str:
    request = account_pb2.RegisterDeviceRequest(
        request_id=request_id(), platform=account_pb2.DEVICE_PLATFORM_HARMONY, push_token=request_id(), name="Mate"
    )
    return str((await running.account("RegisterDevice", request, person)).device_id)


async def change(running: Running, person: Person, phone: str, same: str = "") -> account_pb2.Account:
    request = security_pb2.ChangePhoneRequest(
        request_id=same or request_id(), phone=phone, code=await running.code(phone)
    )
    return (await running.security("ChangePhone", request, person)).account  # type: ignore[no-any-return]


async def test_one_session_is_ended_and_the_others_stay(own: Running) -> None:
    phone = await own.sign_in()
    lost = await own.sign_in(replace(phone))
    found = await sessions_of(own, phone)
    assert [session.current for session in found] == [False, True]
    end = security_pb2.EndSessionRequest(request_id=request_id(), session_id=found[0].session_id)
    await own.security("EndSession", end, phone)
    with refused(Reason.REASON_SESSION_ENDED):
        await own.account("GetMe", ME, lost)
    assert [session.current for session in await sessions_of(own, phone)] == [True]
    assert "session_ended" in await own.told(phone.phone)
    with refused(Reason.REASON_NOT_FOUND):
        again = security_pb2.EndSessionRequest(request_id=request_id(), session_id=found[0].session_id)
        await own.security("EndSession", again, phone)


async def test_sessions_and_devices_tell_their_name_and_last_use(own: Running) -> None:
    phone = new_phone()
    credential = auth_pb2.PhoneCode(phone=phone, code=await own.code(phone))
    request = auth_pb2.SignInRequest(phone_code=credential, device_name="Mate 60")
    person = Person(phone, tokens=(await own.auth("SignIn", request)).tokens)
    register = account_pb2.RegisterDeviceRequest(
        request_id=request_id(), platform=account_pb2.DEVICE_PLATFORM_HARMONY, push_token="token", name="Mate 60"
    )
    await own.account("RegisterDevice", register, person)
    own.clock.advance(minutes=7)
    await own.fresh(person)
    await own.account("RegisterDevice", register_again(register), person)
    [session], [device] = await sessions_of(own, person), await devices_of(own, person)
    assert (session.device_name, device.name) == ("Mate 60", "Mate 60")
    assert session.create_time.ToDatetime(UTC) == own.clock.now - timedelta(minutes=7)
    assert session.refresh_time.ToDatetime(UTC) == device.create_time.ToDatetime(UTC) == own.clock.now


def register_again(request: account_pb2.RegisterDeviceRequest) -> account_pb2.RegisterDeviceRequest:
    """Another request of the same device, as when its app starts."""
    again = account_pb2.RegisterDeviceRequest()
    again.CopyFrom(request)
    again.request_id = request_id()
    return again


async def test_sessions_are_listed_page_by_page(own: Running) -> None:
    person = await own.sign_in()
    for _ in range(3):
        await own.sign_in(replace(person))
    everything, seen, token = await sessions_of(own, person), list[security_pb2.Session](), ""
    for _ in range(2):
        request = security_pb2.ListSessionsRequest(page_size=2, page_token=token)
        page = await own.security("ListSessions", request, person)
        seen, token = [*seen, *page.sessions], page.next_page_token
    assert seen == everything


async def test_session_of_somebody_else_is_not_found(shared: Running) -> None:
    person, other = await shared.sign_in(), await shared.sign_in()
    [theirs] = await sessions_of(shared, other)
    with refused(Reason.REASON_NOT_FOUND):
        end = security_pb2.EndSessionRequest(request_id=request_id(), session_id=theirs.session_id)
        await shared.security("EndSession", end, person)


async def test_removed_device_is_gone_and_its_owner_is_told(shared: Running) -> None:
    person, other = await shared.sign_in(), await shared.sign_in()
    device_id = await registered(shared, person)
    assert [device.name for device in await devices_of(shared, person)] == ["Mate"]
    remove = security_pb2.RemoveDeviceRequest(request_id=request_id(), device_id=device_id)
    with refused(Reason.REASON_NOT_FOUND):
        await shared.security("RemoveDevice", remove, other)
    await shared.security("RemoveDevice", remove, person)
    assert await devices_of(shared, person) == []
    assert "device_removed" in await shared.told(person.phone)


async def test_changed_phone_signs_in_and_the_old_one_is_free(own: Running) -> None:
    person, phone = await own.sign_in(), new_phone()
    elsewhere, old = await own.sign_in(replace(person)), person.phone
    assert (await change(own, person, phone)).phone == phone
    with refused(Reason.REASON_SESSION_ENDED):
        await own.account("GetMe", ME, elsewhere)
    assert await own.told(old) == await own.told(phone) == ["phone_changed"]
    assert (await own.sign_in(Person(phone))).account_id == person.account_id
    assert (await own.sign_in(Person(old))).account_id != person.account_id


async def test_repeated_phone_change_gets_its_first_answer(own: Running) -> None:
    person, phone = await own.sign_in(), new_phone()
    request = security_pb2.ChangePhoneRequest(request_id=request_id(), phone=phone, code=await own.code(phone))
    first = await own.security("ChangePhone", request, person)
    assert await own.security("ChangePhone", request, person) == first


async def test_phone_is_not_changed_without_a_code_of_the_new_one(shared: Running) -> None:
    person, phone = await shared.sign_in(), new_phone()
    code = await shared.code(phone)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    request = security_pb2.ChangePhoneRequest(request_id=request_id(), phone=phone, code=wrong)
    with refused(Reason.REASON_CREDENTIALS_INVALID):
        await shared.security("ChangePhone", request, person)


async def test_phone_of_another_account_is_not_taken(own: Running) -> None:
    person, other = await own.sign_in(), await own.sign_in()
    own.clock.advance(minutes=1)
    with refused(Reason.REASON_ALREADY_EXISTS):
        await change(own, person, other.phone)


async def test_password_alone_does_not_change_the_phone(own: Running) -> None:
    person = await own.sign_in()
    await set_password(own, person)
    by_password = await prove(own, person, password=PASSWORD)
    with refused(Reason.REASON_FRESH_PROOF_REQUIRED):
        await change(own, by_password, new_phone())


async def test_recovery_code_and_password_change_a_lost_phone(own: Running) -> None:
    person = await own.enroll(await own.sign_in())
    await set_password(own, person)
    credential = auth_pb2.PhonePassword(phone=person.phone, password=PASSWORD)
    request = auth_pb2.SignInRequest(phone_password=credential, recovery_code=person.recovery_codes[0])
    answer = await own.auth("SignIn", request)
    recovered = replace(person, tokens=answer.tokens, fresh_proof=answer.fresh_proof)
    phone = new_phone()
    assert (await change(own, recovered, phone)).phone == phone
