"""Beside a release that knows neither seals nor blind indexes, and after it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2
from google.protobuf.field_mask_pb2 import FieldMask

from kit.resealing import SETTLED
from kit.sealing import SealingKeys
from services.identity.domain.indexed import LICENCE_NUMBER, PHONE
from services.identity.store import accounts, licences
from stack.platform import Platform
from tests.identity.running import Person, Running, as_uuid, new_phone, refused, request_id, running_identity
from tests.identity.test_identity_guessing import by_code
from tests.sealed import whereabouts

KEY = {"new": bytes(32)}
OPEN, SEALS = SealingKeys(KEY, seals=False), SealingKeys(KEY)
"""Of a process with `plain` in the first place, and of one without it."""
PUSH_TOKEN, NUMBER = "older-push-token", "OLDER-1"


class Older:
    """The release before: its statements."""

    def __init__(self, running: Running) -> None:
        self._execute = running.execute

    async def account(self, phone: str) -> UUID:
        """As it signs somebody in."""
        await self._execute(
            "insert into account (account_id, phone, display_name, birth_date, sex, time_zone, language, create_time)"
            " values ($1, $2, 'Older', '1950-10-01', 'unspecified', '', '', now()) on conflict do nothing",
            uuid4(),
            phone,
        )
        [row] = await self._execute("select account_id from account where phone = $1", phone)
        return UUID(str(row["account_id"]))

    async def delete(self, account_id: UUID) -> None:
        await self._execute(
            "update account set phone = $2, display_name = '', birth_date = null, delete_time = now()"
            " where account_id = $1",
            account_id,
            f"deleted:{account_id}",
        )

    async def device(self, account_id: UUID) -> UUID:
        [row] = await self._execute(
            "insert into device (device_id, account_id, platform, push_token, name, create_time)"
            " values ($1, $2, 'ios', $3, 'Older', now()) on conflict (push_token)"
            " do update set account_id = excluded.account_id returning device_id",
            uuid4(),
            account_id,
            PUSH_TOKEN,
        )
        return UUID(str(row["device_id"]))

    async def licence(self, account_id: UUID) -> None:
        await self._execute(
            "insert into licence (licence_id, account_id, role, number, hospital, hospital_grade, title, expiry_date,"
            " end_time, state, submit_time, review_note)"
            " values ($1, $2, 'clinician', $3, '', '', '', '2030-12-31', now(), 'approved', now(), '')",
            uuid4(),
            account_id,
            NUMBER,
        )


@pytest.fixture
async def beside(engines: Platform, own_url: str) -> AsyncIterator[tuple[Running, Running]]:
    """Two processes at one database: the first does not seal yet, the second does."""
    async with (
        running_identity(own_url, engines.nats_url, keys=OPEN) as one,
        running_identity(own_url, engines.nats_url, keys=SEALS) as other,
    ):
        yield one, other


async def register(running: Running, person: Person) -> str:
    request = account_pb2.RegisterDeviceRequest(
        request_id=request_id(), platform=account_pb2.DEVICE_PLATFORM_IOS, push_token=PUSH_TOKEN, name="Newer"
    )
    return str((await running.account("RegisterDevice", request, person)).device_id)


async def born(running: Running, person: Person, birth_date: str = "") -> str:
    """What the birth date is; changed first, where one is given."""
    if birth_date:
        profile, mask = account_pb2.Profile(birth_date=birth_date), FieldMask(paths=["birth_date"])
        update = account_pb2.UpdateProfileRequest(request_id=request_id(), profile=profile, update_mask=mask)
        await running.account("UpdateProfile", update, person)
    me = await running.account("GetMe", account_pb2.GetMeRequest(), person)
    return str(me.account.profile.birth_date)


async def open_phones(running: Running) -> int:
    [row] = await running.execute("select count(*) from account where phone like '+%'")
    return int(row["count"])


async def test_beside_it_everything_is_written_as_it_reads_it(engines: Platform, own_url: str) -> None:
    async with running_identity(own_url, engines.nats_url, keys=OPEN) as running:
        older, person = Older(running), await running.sign_in()
        assert await older.account(person.phone) == as_uuid(person)
        device_id = await register(running, person)
        assert str(await older.device(as_uuid(person))) == device_id
        assert await born(running, person, "1961-02-28") == "1961-02-28"
        [row] = await running.execute("select * from account where account_id = $1", as_uuid(person))
        assert row["birth_date"] == date(1961, 2, 28)
        phone = new_phone()
        await running.code(phone)
        assert [row["phone"] for row in await running.execute("select phone from one_time_code")] == [phone]


async def test_whom_it_knows_is_known(beside: tuple[Running, Running]) -> None:
    """Before the row has its index, with it, and once it is sealed; its device and its licence's number too."""
    first, _ = beside
    older, person = Older(first), Person(new_phone())
    account_id = await older.account(person.phone)
    device_id = await older.device(account_id)
    await older.licence(account_id)

    async def is_known_to_both() -> None:
        for running in beside:
            running.clock.now = first.clock.advance(minutes=15)  # five codes an hour
            await running.sign_in(person)
            first.clock.now = running.clock.now
            assert as_uuid(person) == account_id
            assert await register(running, person) == str(device_id)
            assert await born(running, person) == "1950-10-01"
            number = running.identity.vault.indexed(LICENCE_NUMBER, NUMBER)
            async with running.database.transaction() as session:
                approved = await licences.approved_of_number(session, "clinician", number)
                assert approved is not None
                assert approved.account_id == account_id

    await is_known_to_both()
    for _ in range(2):
        for running in beside:
            await running.identity.indexing.bring_over()
            await is_known_to_both()
        first.clock.now += SETTLED
    assert await whereabouts(first.database, [person.phone, "1950-10-01", PUSH_TOKEN, NUMBER]) == set()


async def test_nothing_is_sealed_while_a_row_waits_for_its_index(engines: Platform, own_url: str) -> None:
    """Who signs in at that instant would get another account."""
    async with running_identity(own_url, engines.nats_url, keys=SEALS) as running:
        held, _ = [await Older(running).account(new_phone()) for _ in range(2)]
        async with running.database.connection() as connection, connection.transaction():
            await connection.execute("select from account where account_id = $1 for update", held)
            await running.identity.indexing.bring_over()
            assert await open_phones(running) == 2
            assert not await running.execute("select from resealing")
        await running.identity.indexing.bring_over()
        assert await open_phones(running) == 0


async def test_two_accounts_of_one_phone_stop_the_sealing_and_nothing_else(engines: Platform, own_url: str) -> None:
    """Where a process sealed beside the older release, which then made another account."""
    async with running_identity(own_url, engines.nats_url, keys=SEALS) as running:
        person = await running.sign_in()
        other_id = await Older(running).account(person.phone)
        await running.identity.indexing.bring_over()
        assert await open_phones(running) == 1
        await Older(running).delete(other_id)
        await running.identity.indexing.bring_over()
        assert await open_phones(running) == 0


async def test_an_account_that_it_deletes_is_gone(engines: Platform, own_url: str) -> None:
    """It leaves the index, which it does not know."""
    async with running_identity(own_url, engines.nats_url, keys=OPEN) as running:
        person = await running.sign_in()
        await Older(running).delete(as_uuid(person))
        again = await running.sign_in(Person(person.phone))
        assert again.account_id != person.account_id
        await running.identity.indexing.bring_over()
        rows = await running.execute("select account_id from account where phone_index is not null")
        assert [str(row["account_id"]) for row in rows] == [again.account_id]


async def test_a_code_works_whoever_sent_it(beside: tuple[Running, Running]) -> None:
    for sending, asked in beside, reversed(beside):
        phone = new_phone()
        code = await sending.code(phone)
        for running in beside:
            running.clock.advance(minutes=1)
        newer = await asked.code(phone)
        if code != newer:
            with refused(Reason.REASON_CREDENTIALS_INVALID):
                await sending.auth("SignIn", by_code(phone, code))
        await sending.auth("SignIn", by_code(phone, newer))
        with refused(Reason.REASON_CREDENTIALS_INVALID):
            await asked.auth("SignIn", by_code(phone, newer))
        assert not await sending.execute("select from one_time_code")


async def test_of_many_first_sign_ins_at_once_one_makes_the_account(beside: tuple[Running, Running]) -> None:
    """In processes that seal, in others that do not yet, and in the older release."""
    one, _ = beside
    now, vault = datetime.now(UTC), one.identity.vault

    async def account(running: Running, phone: str) -> UUID:
        async with running.database.transaction() as session:
            return (await accounts.of_phone(session, vault.indexed(PHONE, phone), now)).account_id

    for _ in range(10):
        phone = new_phone()
        made = await asyncio.gather(*(account(running, phone) for running in beside * 4))
        assert len(set(made)) == 1
        phone = new_phone()
        made = await asyncio.gather(
            *(account(one, phone) for _ in range(4)), *(Older(one).account(phone) for _ in range(4))
        )
        assert len(set(made)) == 1


async def test_of_many_who_register_a_device_at_once_one_makes_it(beside: tuple[Running, Running]) -> None:
    people = [await beside[0].sign_in() for _ in range(3)]
    ids = await asyncio.gather(*(register(running, person) for running in beside for person in people))
    assert len(set(ids)) == 1
    assert len(await beside[0].execute("select from device")) == 1
