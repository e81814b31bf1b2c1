"""TLS at the gateway: two files, and only TLS is spoken."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from apricot.identity.v1.account_pb2 import GetMeRequest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from clients.sdk import Apricot, ApricotError
from clients.sdk.pace import Pace
from services.identity import demo
from stack.testing import temporary_platform


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(certificate.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return cert_file, key_file


async def test_only_tls_is_spoken(tmp_path: Path) -> None:
    cert_file, key_file = _certificate(tmp_path)
    parts = ("postgres", "nats", "migrate", "identity", "gateway")
    async with temporary_platform(
        parts, demo=True, gateway_tls_cert_file=cert_file, gateway_tls_key_file=key_file
    ) as platform:
        assert platform.gateway_address.startswith("https://")
        address = platform.gateway_address.removeprefix("https://")
        async with Apricot(address, tls=cert_file.read_bytes()) as apricot:
            session = await apricot.sign_in_with_code(demo.PATIENT_PHONES[0], demo.CODE)
            assert (await session.account.GetMe(GetMeRequest())).account.phone == demo.PATIENT_PHONES[0]
        async with Apricot(address, pace=Pace(call=2)) as plain:
            with pytest.raises(ApricotError):
                await plain.sign_in_with_code(demo.PATIENT_PHONES[0], demo.CODE)
