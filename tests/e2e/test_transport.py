"""The platform with TLS between all of its parts, and at its door."""

import ssl
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from socket import create_connection

import aiohttp
import grpc
import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.diary_pb2 import ListEntriesRequest
from sqlalchemy import text

from clients.sdk import Apricot, ApricotError, Recorder
from clients.sdk.pace import Pace
from clients.sdk.resuming import Phase
from clients.sdk.watch import WatchState
from kit.certificates import Certificate
from kit.database import Database
from kit.schema import revision, service_url
from stack.authority import Authority
from stack.platform import Platform
from stack.services import SERVICES
from stack.testing import temporary_platform
from tests.kit.running import until
from tests.people import People, Person

PHONE = Recorder.by_hand("phone", "Asia/Shanghai")


@pytest.fixture(scope="module")
async def secured() -> AsyncIterator[Platform]:
    async with temporary_platform(tls=True, demo=True, glucose_replicas=2) as platform:
        yield platform


@pytest.fixture(scope="module")
async def people(secured: Platform) -> AsyncIterator[People]:
    address = secured.gateway_address.removeprefix("https://")
    async with Apricot(address, tls=secured.gateway_ca or False) as apricot:
        yield People(apricot, secured.part("identity").log.path)


def authority(platform: Platform) -> Authority:
    assert platform.plan.authority is not None
    return platform.plan.authority


async def is_refused(person: Person, patient: str) -> None:
    """Whether a stranger may look is asked of identity, by the replica that is called."""
    with pytest.raises(ApricotError) as refused:
        await person.session.diary.ListEntries(ListEntriesRequest(patient_id=patient))
    assert refused.value.reason == Reason.REASON_PATIENT_ACCESS_DENIED


def shows(address: str, certificate: Path, client: Path) -> bool:
    """Whether a port shows what now is in the one folder to whom shows what is in the other."""
    host, _, port = address.partition(":")
    context = Certificate(client).client_context()
    with (
        create_connection((host, int(port)), timeout=10) as plain,
        closing(context.wrap_socket(plain, server_hostname="127.0.0.1")) as connection,
    ):
        shown = connection.getpeercert(binary_form=True) or b""
    return ssl.DER_cert_to_PEM_cert(shown) == (certificate / "tls.crt").read_text()


async def test_a_reading_is_logged_and_seen(people: People) -> None:
    patient, stranger = await people.patient(), await people.patient()
    reading = PHONE.fingerstick_reading(datetime.now(UTC), 154)
    async with patient.session.watch([patient.account_id]) as watch:
        assert (await anext(watch)).WhichOneof("event") == "snapshot"
        await patient.session.log(patient.account_id, [reading])
        seen = await anext(watch)
    assert [entry.entry_id for entry in seen.entries_logged.entries] == [reading.entry_id]
    await is_refused(stranger, patient.account_id)


async def test_a_payment_s_callback_reaches_the_pharmacy(secured: Platform) -> None:
    url = f"{secured.gateway_address}/payments/sandbox/callback"
    context = ssl.create_default_context(cadata=(secured.gateway_ca or b"").decode())
    async with aiohttp.ClientSession() as http:

        async def refuses_what_is_forged() -> bool:
            async with http.post(url, data=b"forged", ssl=context) as answer:
                assert answer.status in (400, 503)  # 503: the gateway has not asked yet whether the pharmacy is well
                return answer.status == 400

        await until(refuses_what_is_forged)


async def test_the_database_is_asked_by_tls_and_only_if_it_is_ours(secured: Platform, tmp_path: Path) -> None:
    database, by_tls = (
        Database(secured.database_url, "glucose", secured.sealing_keys("glucose")),
        "select ssl from pg_stat_ssl where pid = pg_backend_pid()",
    )
    async with database.connection() as connection:
        assert await connection.fetchval(by_tls)
    async with database.transaction() as session:
        assert (await (await session.connection()).execute(text(by_tls))).scalar_one()
    await database.close()
    ours, theirs = (authority(secured).folder / "postgres", Authority(tmp_path).issue("postgres"))
    with pytest.raises(ssl.SSLError):
        await revision(service_url(secured.database_url.replace(str(ours), str(theirs)), "glucose"))


async def test_the_public_side_speaks_no_plain_text(secured: Platform) -> None:
    async with Apricot(secured.gateway_address.removeprefix("https://"), pace=Pace(call=2)) as plain:
        with pytest.raises(ApricotError):
            await plain.request_code("+8617000000001")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("who", ["plain text", "nobody", "a stranger"])
async def test_a_service_takes_none_but_the_platform_s_own(
    secured: Platform, service: str, who: str, tmp_path: Path
) -> None:
    foreign = Certificate(Authority(tmp_path).issue("gateway")).pem()
    ca = authority(secured).pem
    credentials = {
        "plain text": None,
        "nobody": grpc.ssl_channel_credentials(ca),
        "a stranger": grpc.ssl_channel_credentials(ca, foreign.key, foreign.chain),
    }[who]
    address, options = secured.addresses(service)[0], [("grpc.use_local_subchannel_pool", 1)]
    channel = (
        grpc.aio.secure_channel(address, credentials, options)
        if credentials
        else grpc.aio.insecure_channel(address, options)
    )
    async with channel:
        check: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary("/grpc.health.v1.Health/Check")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await check(b"", timeout=10)
    assert refused.value.code() == grpc.StatusCode.UNAVAILABLE


async def test_the_token_keys_come_by_tls_alone(secured: Platform, tmp_path: Path) -> None:
    [identity] = [one for one in secured.plan.services if one.service == "identity"]
    path = "/.well-known/jwks.json"
    async with aiohttp.ClientSession() as http:
        async with http.get(f"http://{identity.http_address}{path}") as answer:
            assert answer.status == 404
        own = Certificate(authority(secured).folder / "glucose").client_context()
        async with http.get(f"{identity.called_at}{path}", ssl=own) as answer:
            assert (await answer.json())["keys"]
        nobody = ssl.create_default_context(cadata=authority(secured).pem.decode())
        with pytest.raises(aiohttp.ClientError):
            await http.get(f"{identity.called_at}{path}", ssl=nobody)


async def test_every_program_lives_and_is_ready(secured: Platform) -> None:
    async with aiohttp.ClientSession() as http:
        for program in secured.plan.services:
            for path in "/livez", "/readyz":
                async with http.get(f"http://{program.http_address}{path}") as answer:
                    assert answer.status == 200, program.name


async def test_a_new_certificate_is_shown_and_no_stream_notices(secured: Platform, people: People) -> None:
    patient, stranger = await people.patient(), await people.patient()
    states: list[WatchState] = []
    async with patient.session.watch([patient.account_id], on_state=states.append) as watch:
        assert (await anext(watch)).WhichOneof("event") == "snapshot"
        folders = {part: authority(secured).issue(part) for part in (*SERVICES, "gateway", "public")}
        ports = {name: secured.addresses(name) for name in SERVICES}
        ports |= {"public": [secured.gateway_address.removeprefix("https://")]}
        for part, addresses in ports.items():
            for address in addresses:
                await until(partial(shows, address, folders[part], folders["gateway"]))
        await is_refused(stranger, patient.account_id)
        await patient.session.log(patient.account_id, [PHONE.fingerstick_reading(datetime.now(UTC), 99)])
        assert (await anext(watch)).WhichOneof("event") == "entries_logged"
    assert not [state for state in states if state.phase == Phase.STALE]
