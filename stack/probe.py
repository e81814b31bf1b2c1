"""Is it ready? Plain sockets: an HTTP library would cost the start more than the question does."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssl import SSLContext


async def http_ok(host: str, port: int, path: str) -> bool:
    """Whether `GET path` answers 200."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        status = await reader.readline()
    finally:
        writer.close()
    return status.split()[1:2] == [b"200"]


async def nats_ok(host: str, port: int, user: str, password: str, tls: Path | None = None) -> bool:
    """Whether the server accepts the user; it listens only once its streams are recovered."""
    reader, writer = await asyncio.open_connection(host, port, ssl=_context(tls) if tls else None)
    try:
        await reader.readline()  # INFO
        hello = f'{{"verbose":false,"pedantic":false,"user":"{user}","pass":"{password}"}}'
        writer.write(f"CONNECT {hello}\r\nPING\r\n".encode())
        return await reader.readline() == b"PONG\r\n"
    finally:
        writer.close()


def _context(folder: Path) -> "SSLContext":
    import ssl

    context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    return context
