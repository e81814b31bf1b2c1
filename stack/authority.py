"""The CA of one platform on one machine: it signs for its parts, at each start anew. Its key is in no file."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from stack.files import write_private

_LIFE = timedelta(days=397)
_CRITICAL = x509.BasicConstraints, x509.KeyUsage
_LOOPBACK = x509.IPAddress(ip_address("127.0.0.1"))


class Authority:
    """Makes folders as cert-manager does: `tls.crt`, `tls.key`, `ca.crt`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "apricot, this platform alone")])
        self._certificate = self._sign(self._name, self._key.public_key(), x509.BasicConstraints(True, 0), _CA_USE)

    @property
    def pem(self) -> bytes:
        """Its own certificate, for whoever shall trust it."""
        return self._certificate.public_bytes(Encoding.PEM)

    def issue(self, part: str, names: Sequence[str] = ()) -> Path:
        """A certificate of that name, of these and of this machine, in a folder of its own; a second one replaces the
        first."""
        folder = self.folder / part
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, part)])
        dns_names = [x509.DNSName(one) for one in dict.fromkeys((part, *names))]
        subject = x509.SubjectAlternativeName([*dns_names, _LOOPBACK])
        certificate = self._sign(name, key.public_key(), subject, _PART_USE)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        files = {"ca.crt": self.pem, "tls.key": private, "tls.crt": certificate.public_bytes(Encoding.PEM)}
        for file, content in files.items():
            write_private(folder / file, content.decode())
        return folder

    def _sign(
        self, name: x509.Name, key: ec.EllipticCurvePublicKey, *extensions: x509.ExtensionType
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        built = x509.CertificateBuilder(
            self._name, name, key, x509.random_serial_number(), now - timedelta(minutes=5), now + _LIFE
        )
        signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        for extension in *extensions, x509.SubjectKeyIdentifier.from_public_key(key), signer:
            built = built.add_extension(extension, critical=isinstance(extension, _CRITICAL))
        return built.sign(self._key, hashes.SHA256())


def _use(**allowed: bool) -> x509.KeyUsage:
    names = "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"
    more = "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"
    return x509.KeyUsage(**dict.fromkeys((*names, *more), False) | allowed)


_CA_USE, _PART_USE = _use(key_cert_sign=True), _use(digital_signature=True)
