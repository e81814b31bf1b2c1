"""TLS: whom the client believes to be the platform."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from clients.sdk import Apricot, ApricotError, Pace
from tests.sdk.conftest import PHONE
from tests.sdk.fake import Fake
from tests.sdk.servicers import serve


@pytest.fixture
async def platform(fake: Fake) -> AsyncIterator[tuple[str, bytes]]:
    """Its address, and its own certificate (PEM)."""
    key, certificate = _self_signed()
    server = grpc.aio.server()
    serve(fake, server)
    credentials = grpc.ssl_server_credentials([(key, certificate)])
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    yield f"127.0.0.1:{port}", certificate
    await server.stop(None)


async def test_roots_of_ones_own(platform: tuple[str, bytes]) -> None:
    address, certificate = platform
    async with Apricot(address, tls=certificate) as apricot:
        assert (await apricot.request_code(PHONE)).retry_after_seconds == 60


@pytest.mark.parametrize("tls", [True, False])
async def test_a_stranger_gets_nothing(platform: tuple[str, bytes], fake: Fake, tls: bool) -> None:
    async with Apricot(platform[0], tls=tls, pace=Pace(call=1)) as apricot:
        with pytest.raises(ApricotError):
            await apricot.request_code(PHONE)
    assert not fake.received


def _self_signed() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "apricot")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)
