"""Each service holds credentials of its own, and they open nothing that is another's."""

import base64
import json
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import nats
import pytest
from nats.aio.client import Client

from kit.bus import Bus, Publication
from kit.feed import replay, replay_since
from kit.objects import Objects
from kit.pipe import Nodes
from kit.rights import grant, make_roles, role_of
from kit.schema import service_url
from kit.sealing import SealingKeys, UnknownKeyError
from kit.streams import StreamSettings, make_streams
from stack.platform import Platform
from stack.services import SERVICES
from stack.state import StateFolder
from stack.testing import temporary_platform
from tests.kit.running import until

OTHERS = [(service, other) for service in SERVICES for other in SERVICES if other != service]


@pytest.fixture(scope="module")
async def engines() -> AsyncIterator[Platform]:
    """Engines with each service's role and database, made as a migration makes them; a table stands for all tables."""
    async with temporary_platform(("postgres", "nats")) as platform:
        await make_roles(platform.database_url, platform.state.secrets().role_passwords)
        connection = await asyncpg.connect(f"{platform.database_url}/postgres")
        for service in SERVICES:
            await connection.execute(f"create database apricot_{service}")
            url = service_url(platform.database_url, service)
            await _fill(url, "alembic_version")  # a state of before the roles
            await grant(url, service)
            await _fill(url, "outbox")  # a table to come
        await connection.close()
        await make_streams(StreamSettings(nats_url=platform.nats_url), SERVICES)
        yield platform


async def _fill(url: str, table: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(f"create table {table} (id bigserial primary key, version_num text)")
    await connection.close()


@pytest.fixture(params=SERVICES)
async def own(engines: Platform, request: pytest.FixtureRequest) -> AsyncIterator[asyncpg.Connection]:
    """A connection by a service's credentials to the service's database."""
    connection = await asyncpg.connect(database_url(engines, request.param))
    yield connection
    await connection.close()


def database_url(engines: Platform, service: str, of: str = "") -> str:
    """Return the URL by which a service would reach a database; by default its own."""
    return service_url(engines.plan.credentials(service)["APRICOT_DATABASE_URL"], of or service)


async def test_role_reads_and_writes_its_own_tables(own: asyncpg.Connection) -> None:
    await own.execute("insert into outbox (version_num) values ('1')")
    await own.execute("update outbox set version_num = '2'")
    assert await own.fetchval("select count(*) from outbox") == 1
    await own.execute("delete from outbox")
    assert await own.fetchval("select count(*) from alembic_version") == 0


@pytest.mark.parametrize(("service", "other"), OTHERS)
async def test_role_cannot_connect_to_anothers_database(engines: Platform, service: str, other: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(database_url(engines, service, of=other))


async def test_role_owns_and_administers_nothing(own: asyncpg.Connection) -> None:
    assert not await own.fetchval("select count(*) from pg_class where relowner = current_user::regrole")
    assert not await own.fetchval(
        "select rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls "
        "from pg_roles where rolname = current_user"
    )
    assert not await own.fetchval("select count(*) from pg_auth_members where member = current_user::regrole")


@pytest.mark.parametrize(
    "statement",
    [
        "create table own_table (id int)",
        "alter table outbox disable trigger all",
        "drop table outbox",
        "truncate outbox",
        "update alembic_version set version_num = '0000'",
        "create temporary table aside (id int)",
        "create schema aside",
        "create role another",
        "alter role current_user superuser",
        "set role apricot",
        "set session_replication_role = 'replica'",
        "copy outbox to program 'true'",
        "select pg_read_file('/etc/hostname')",
    ],
)
async def test_role_cannot_change_tables_or_server(own: asyncpg.Connection, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await own.execute(statement)


async def test_making_roles_again_takes_excess_rights_away(engines: Platform) -> None:
    connection = await asyncpg.connect(f"{engines.database_url}/postgres")
    await connection.execute(f"alter role {role_of('glucose')} superuser createdb")
    await make_roles(engines.database_url, engines.state.secrets().role_passwords)
    rights = "select rolsuper or rolcreatedb from pg_roles where rolname = $1"
    assert not await connection.fetchval(rights, role_of("glucose"))
    await connection.close()


@dataclass
class Sender:
    """A service's connection to NATS, and what the server refused it."""

    client: Client
    refused: list[str]

    async def publish(self, subject: str, payload: bytes = b"forged") -> None:
        await self.client.publish(subject, payload)
        await self.client.flush()

    async def ask(self, subject: str, **request: Any) -> dict[str, Any]:
        """Return JetStream's answer; raise `TimeoutError` when the server did not let the question through."""
        message = await self.client.request(f"$JS.API.{subject}", json.dumps(request).encode(), timeout=5)
        return dict(json.loads(message.data))


@pytest.fixture
async def senders(engines: Platform) -> AsyncIterator[dict[str, Sender]]:
    """Each service, connected by its own credentials."""
    async with AsyncExitStack() as stack:
        found = dict[str, Sender]()
        for service in SERVICES:
            refused = list[str]()

            async def note(error: Exception, refused: list[str] = refused) -> None:
                refused.append(str(error).lower())

            url = engines.plan.credentials(service)["APRICOT_NATS_URL"]
            client = await nats.connect(**Nodes(url).options(), error_cb=note)
            stack.push_async_callback(client.close)
            found[service] = Sender(client, refused)
        yield found


async def messages_of(engines: Platform, stream: str) -> int:
    bus = await Bus.connect(engines.nats_url, "test")
    try:
        return (await bus.ensure_stream(stream)).last_sequence
    finally:
        await bus.close()


@pytest.mark.parametrize(("service", "other"), OTHERS)
async def test_service_cannot_speak_for_another(
    engines: Platform, senders: dict[str, Sender], service: str, other: str
) -> None:
    sender, before = senders[service], await messages_of(engines, other)
    for subject in (f"apricot.{other}.session.ended.x", f"apricot-hint.{other}.p.k", f"apricot-wake.{other}"):
        await sender.publish(subject)
    await until(lambda: len(sender.refused) == 3)
    assert await messages_of(engines, other) == before


@pytest.mark.parametrize(("service", "other"), OTHERS)
async def test_service_cannot_hear_another(senders: dict[str, Sender], service: str, other: str) -> None:
    sender = senders[service]
    for subject in (f"apricot.{other}.>", f"apricot-hint.{other}.>", f"_INBOX.{other}.>", "_INBOX.>", ">"):
        await sender.client.subscribe(subject)
    await sender.client.flush()
    await until(lambda: len(sender.refused) == 5)


@pytest.mark.parametrize(("service", "other"), OTHERS)
async def test_service_cannot_change_or_read_anothers_stream(
    senders: dict[str, Sender], service: str, other: str
) -> None:
    sender, inbox = senders[service], senders[service].client.new_inbox()
    reads = {"stream_name": other, "config": {"name": "spy", "deliver_subject": inbox, "filter_subject": ">"}}
    questions: list[tuple[str, dict[str, Any]]] = [
        (f"STREAM.DELETE.{other}", {}),
        (f"STREAM.PURGE.{other}", {}),
        (f"STREAM.UPDATE.{other}", {"name": other, "subjects": ["aside"]}),
        (f"STREAM.MSG.GET.{other}", {"seq": 1}),
        (f"STREAM.MSG.DELETE.{other}", {"seq": 1}),
        (f"CONSUMER.CREATE.{other}.spy", reads),
        (f"CONSUMER.DURABLE.CREATE.{other}.spy", reads),
        (f"CONSUMER.DELETE.{other}.identity-care", {}),
        # Through streams of its own: a copy of the other's, and what is published under the other's name.
        (f"STREAM.UPDATE.{service}", {"name": service, "sources": [{"name": other}]}),
        ("STREAM.CREATE.aside", {"name": "aside", "sources": [{"name": other}]}),
        ("STREAM.LIST", {}),
        ("ACCOUNT.PURGE.any", {}),
    ]
    for subject, request in questions:
        await sender.client.publish(f"$JS.API.{subject}", json.dumps(request).encode(), reply=inbox)
    await sender.client.flush()
    await until(lambda: len(sender.refused) == len(questions))


async def test_consumer_of_a_service_reads_no_more_than_it_listens_to(senders: dict[str, Sender]) -> None:
    sender = senders["pharmacy"]
    allowed = "CONSUMER.CREATE.consult.pharmacy-prescriptions.apricot.consult.prescription.>"
    config = {"name": "pharmacy-prescriptions", "durable_name": "pharmacy-prescriptions", "ack_policy": "explicit"}
    wide = await sender.ask(allowed, stream_name="consult", config=config | {"filter_subject": "apricot.consult.>"})
    several = config | {"filter_subjects": ["apricot.consult.prescription.>", "apricot.consult.message.>"]}
    many = await sender.ask(allowed, stream_name="consult", config=several)
    assert wide["error"]["code"] == many["error"]["code"] == 400
    own = config | {"filter_subject": "apricot.consult.prescription.>"}
    assert "error" not in await sender.ask(allowed, stream_name="consult", config=own)


@pytest.mark.parametrize("service", SERVICES)
async def test_service_works_with_its_own_stream(engines: Platform, service: str) -> None:
    url = engines.plan.credentials(service)["APRICOT_NATS_URL"]
    bus = await Bus.connect(url, "test", None, makes_streams=False)
    try:
        first = (await bus.ensure_stream(service)).last_sequence + 1
        await bus.publish([Publication(f"{service}-own", f"apricot.{service}.thing.made.k", b"own")])
        async with aclosing(replay(bus, service, first, first, [f"apricot.{service}.>"])) as events:
            assert [event.payload async for event in events] == [b"own"]
        await bus.ensure_stream("identity")
        async with aclosing(replay_since(bus, "identity", datetime.now(UTC))) as events:
            assert [event async for event in events] == []
    finally:
        await bus.close()


def test_sealed_value_opens_for_its_own_service_alone(engines: Platform) -> None:
    keys = {service: SealingKeys.parse(told["APRICOT_SEALING_KEYS"]) for service, told in _told(engines).items()}
    for service, other in OTHERS:
        with pytest.raises(UnknownKeyError):
            keys[other].open("table.column", keys[service].seal("table.column", b"a secret"))


def test_services_share_no_secret(engines: Platform) -> None:
    values = [value for told in _told(engines).values() for value in told.values()]
    values += json.loads(engines.plan.credentials("identity")["APRICOT_SERVICE_SECRETS"]).values()
    shared = {one for one in values if values.count(one) > 1}
    secrets = engines.state.secrets().service_secrets.values()
    assert shared == set(secrets), "identity and the service itself know each one"


def test_state_of_the_commit_before_opens_what_it_sealed(tmp_path: Path) -> None:
    key = base64.b64encode(bytes(32)).decode()
    before = {"postgres_password": "p", "nats_password": "n", "service_secret": "s" * 16, "sealing_keys": f"1:{key}"}
    (tmp_path / "secrets.json").write_text(json.dumps(before | {"identity_key": key}))
    secrets = StateFolder(tmp_path).secrets()
    assert (secrets.postgres_password, secrets.nats_password, secrets.identity_key) == ("p", "n", key)
    old = SealingKeys.parse(f"1:{key}").seal("table.column", b"a secret")
    for service in SERVICES:
        ring = SealingKeys.parse(secrets.sealing_keys_of(service))
        assert ring.open("table.column", old) == b"a secret"
        assert ring.first == f"{service}-1"
    assert StateFolder(tmp_path).secrets() == secrets


def _told(engines: Platform) -> dict[str, dict[str, str]]:
    """Return each service's own variables; those with several parts, and identity's list of secrets, are not among
    what is compared as a whole."""
    credentials = {service: engines.plan.credentials(service) for service in SERVICES}
    return {
        service: {name: value for name, value in told.items() if name != "APRICOT_SERVICE_SECRETS"}
        for service, told in credentials.items()
    }


def test_state_that_lay_open_is_closed_to_other_users(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path / "state")
    folder.objects.mkdir(mode=0o755, parents=True)
    folder.acquire()
    try:
        found = [folder.objects, folder.logs, folder.pids]
        assert {stat.S_IMODE(one.stat().st_mode) for one in found} == {0o700}
    finally:
        folder.release()


async def test_object_store_that_is_made_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "made here"
    await Objects(folder.as_uri()).put("photo", b"pixels")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert await Objects(folder.as_uri()).get("photo") == b"pixels"
