"""TLS to the services: who answers has to be the service, and the gateway's certificate may change."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import grpc
from cryptography import x509

from kit.certificates import Certificate
from stack.authority import Authority
from tests.gateway.issuer import Issuer
from tests.gateway.replica import Replica
from tests.gateway.running import Gateway, details, running_gateway, until

SIGN_IN = "/apricot.identity.v1.AuthService/SignIn"
EXPORT = "/apricot.identity.v1.AccountService/ExportAccount"


@asynccontextmanager
async def before(
    tmp_path: Path, authority: Authority, shown: str, keys: str = "https://127.0.0.1:1/"
) -> AsyncIterator[Gateway]:
    """A gateway before identity, which shows this name."""
    async with Replica().serving(Certificate(authority.issue(shown))) as replica:
        own = str(authority.issue("gateway"))
        replica.release.clear()
        upstreams = {"identity": [replica.address]}
        async with running_gateway(tmp_path, tls_folder=own, jwks_url=keys, upstreams=upstreams) as gateway:
            yield gateway


async def test_who_answers_has_to_be_the_service(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "tls")
    async with before(tmp_path, authority, "glucose") as gateway:

        async def refused_by_name() -> int:
            return (await gateway.stats("identity.ssl.fail_verify_san"))["cluster.identity.ssl.fail_verify_san"]

        await until(refused_by_name)
        refused = await gateway.refusal(SIGN_IN)
        assert (refused.code(), details(refused).reason) == (grpc.StatusCode.UNAVAILABLE, "UNAVAILABLE")


async def test_a_new_certificate_is_used_and_a_stream_goes_on(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "tls")
    async with (
        Issuer().serving(Certificate(authority.issue("identity"))) as issuer,
        before(tmp_path, authority, "identity", f"https://127.0.0.1:{issuer.port}/.well-known/jwks.json") as gateway,
    ):
        await until(lambda: _is_let_in(gateway))
        stream = gateway.stream(EXPORT, b"first", issuer.token())
        assert await stream.read() == b"first"
        folder = authority.issue("gateway")
        new = x509.load_pem_x509_certificate((folder / "tls.crt").read_bytes()).serial_number
        await until(lambda: _has_certificate(gateway, f"{new:x}"))
        await gateway.call(SIGN_IN)
        assert not stream.done()
        stream.cancel()


async def _is_let_in(gateway: Gateway) -> bool:
    try:
        await gateway.call(SIGN_IN)
    except grpc.aio.AioRpcError:
        return False
    return True


async def _has_certificate(gateway: Gateway, serial: str) -> bool:
    async with aiohttp.ClientSession(gateway.admin) as http, http.get("/certs") as answer:
        return serial in await answer.text()
