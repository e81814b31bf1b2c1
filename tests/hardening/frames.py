"""HTTP/2 by hand (RFC 9113): frames as no well-behaved library sends them."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, CONTINUATION = 0, 1, 3, 4, 6, 7, 9
END_STREAM, ACK, END_HEADERS = 0x1, 0x1, 0x4
CANCEL = (8).to_bytes(4)


def frame(kind: int, flags: int = 0, stream: int = 0, body: bytes = b"") -> bytes:
    """One frame."""
    return len(body).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + body


def header_block(headers: Iterable[tuple[str, str]]) -> bytes:
    """HPACK (RFC 7541) in its plainest form: literals that no table keeps."""
    return b"".join(b"\0" + _text(name) + _text(value) for name, value in headers)


def call_headers(path: str, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """Of a gRPC call."""
    return [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "apricot"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
        *more,
    ]


class Connection:
    """One connection, its greetings done."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, *frames: bytes) -> None:
        """Errors: OSError, when the other side has ended the connection."""
        self._writer.write(b"".join(frames))
        await self._writer.drain()

    async def answered(self) -> None:
        """Return at the first answer to a request, or at the end of the connection."""
        with suppress(asyncio.IncompleteReadError, OSError):
            while True:
                head = await self._reader.readexactly(9)
                await self._reader.readexactly(int.from_bytes(head[:3]))
                if head[3] in (HEADERS, RST_STREAM, GOAWAY):
                    return

    async def ended(self, seconds: float) -> bool:
        """Whether the other side ends the connection, or says that it does (GOAWAY), within that time."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    head = await self._reader.readexactly(9)
                    await self._reader.readexactly(int.from_bytes(head[:3]))
                    if head[3] == GOAWAY:
                        return True
        except (asyncio.IncompleteReadError, OSError):
            return True
        except TimeoutError:
            return False


@asynccontextmanager
async def connected(address: str, source: str = "127.0.0.1") -> AsyncIterator[Connection]:
    """To `host:port`, without TLS, from this address."""
    host, _, port = address.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port), local_addr=(source, 0))
    try:
        connection = Connection(reader, writer)
        await connection.send(PREFACE, frame(SETTINGS), frame(SETTINGS, ACK))
        yield connection
    finally:
        writer.transport.abort()


def _text(text: str) -> bytes:
    data = text.encode()
    return _integer(len(data), 7) + data


def _integer(value: int, bits: int) -> bytes:
    most = (1 << bits) - 1
    if value < most:
        return bytes([value])
    value -= most
    found = [most]
    while value >= 128:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])
