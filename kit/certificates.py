"""Who this process is to the platform's other parts, and whom it believes: a certificate of a CA that signs for the
platform alone. Files that are replaced are taken up by the next connection; open ones live on."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import grpc
import structlog
from cryptography import x509

from kit import telemetry

log = structlog.get_logger()

_CHAIN, _KEY, _CA = "tls.crt", "tls.key", "ca.crt"
"""As cert-manager names them."""


@dataclass(frozen=True, eq=False)
class Pem:
    """What the files hold; told from its successor by identity."""

    chain: bytes
    key: bytes
    ca: bytes


class Certificate:
    """The process's own: a folder with `tls.crt`, `tls.key` and `ca.crt`. Errors: an OSError when one is not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stamp = self._stamp_now()
        self._pem, self._served = self._take_up()

    def pem(self) -> Pem:
        """As the files are now. Those that cannot be used, or are half replaced, leave it as it was."""
        try:
            if (stamp := self._stamp_now()) != self._stamp:
                (self._pem, self._served), self._stamp = self._take_up(), stamp
        except OSError as error:
            log.error("the new certificate cannot be used", error=type(error).__name__)
        return self._pem

    def client_context(self) -> ssl.SSLContext:
        """For a connection that this process opens, other than gRPC's."""
        return self._context(ssl.Purpose.SERVER_AUTH)

    def server_context(self) -> ssl.SSLContext:
        """For a port that only the platform's parts may use; each connection gets the newest certificate."""

        def renew(connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
            self.pem()
            connection.context = self._served

        context = self._context(ssl.Purpose.CLIENT_AUTH)
        context.sni_callback = renew
        return context

    def server_credentials(self) -> grpc.ServerCredentials:
        """For a gRPC port that only the platform's parts may use; each connection gets the newest certificate."""
        return grpc.dynamic_ssl_server_credentials(self._server_configuration(), self._server_configuration, True)

    def _server_configuration(self) -> grpc.ServerCertificateConfiguration:
        pem = self.pem()
        return grpc.ssl_server_certificate_configuration([(pem.key, pem.chain)], pem.ca)

    def _take_up(self) -> tuple[Pem, ssl.SSLContext]:
        served = self._context(ssl.Purpose.CLIENT_AUTH)  # an error where key and certificate are no pair
        chain, key, ca = ((self._folder / name).read_bytes() for name in (_CHAIN, _KEY, _CA))
        until = x509.load_pem_x509_certificate(chain).not_valid_after_utc
        telemetry.CERTIFICATE_END.set(until.timestamp())
        log.info("certificate", until=until.isoformat())
        return Pem(chain, key, ca), served

    def _context(self, purpose: ssl.Purpose) -> ssl.SSLContext:
        context = ssl.create_default_context(purpose, cafile=str(self._folder / _CA))
        context.load_cert_chain(self._folder / _CHAIN, self._folder / _KEY)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    def _stamp_now(self) -> list[tuple[int, int]]:
        states = [(self._folder / name).stat() for name in (_CHAIN, _KEY, _CA)]
        return [(state.st_ino, state.st_mtime_ns) for state in states]
