"""Bytes that trickle in, one at a time: whoever sends so is cut off, at each place where one can wait."""

import asyncio
from contextlib import suppress

import pytest

from stack.platform import Platform
from tests.e2e.signer import Signer
from tests.hardening.frames import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    HEADERS,
    PREFACE,
    SETTINGS,
    call_headers,
    frame,
    header_block,
)
from tests.hardening.siege import siege
from tests.patience import PATIENCE
from tests.people import Person

GET_ME = "/apricot.identity.v1.AccountService/GetMe"
LOG = "/apricot.glucose.v1.DiaryService/LogEntries"
SLOW = 50
"""Connections of each kind."""
PAUSE_SECONDS = 0.5
MOST_MIB = 64


def http1_headers(token: str) -> tuple[bytes, bytes]:
    return b"GET /v1/me HTTP/1.1\r\nhost: apricot\r\n", b"x"


def http1_body(token: str) -> tuple[bytes, bytes]:
    head = f"POST /v1/me:update HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\ncontent-length: 9999\r\n"
    return head.encode() + b"content-type: application/json\r\n\r\n", b" "


def http2_headers(token: str) -> tuple[bytes, bytes]:
    """A header of eight thousand characters, one in each frame."""
    block = header_block([*call_headers(GET_ME), ("x-slow", "y" * 8000)])
    return PREFACE + frame(SETTINGS) + frame(HEADERS, 0, 1, block[:-7999]), frame(CONTINUATION, 0, 1, b"y")


def http2_body(token: str) -> tuple[bytes, bytes]:
    """A frame of one byte each time, of a message that is never whole."""
    block = header_block(call_headers(LOG, ("authorization", f"Bearer {token}")))
    begun = frame(HEADERS, END_HEADERS, 1, block) + frame(DATA, 0, 1, b"\0\0\x01\0\0")
    return PREFACE + frame(SETTINGS) + begun, frame(DATA, 0, 1, b"x")


KINDS = [http1_headers, http1_body, http2_headers, http2_body]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_who_trickles_is_cut_off(platform: Platform, bystander: Person, forger: Signer, kind: object) -> None:
    """By a status, a reset of the stream or the end of the connection."""
    assert callable(kind)
    first, more = kind(forger.token(bystander.account_id))
    async with siege(platform, bystander, most_mib=MOST_MIB), asyncio.timeout(PATIENCE):
        await asyncio.gather(*(trickle(platform.gateway_address, first, more) for _ in range(SLOW)))


async def trickle(address: str, first: bytes, more: bytes) -> None:
    """Until the other side has had enough."""
    host, _, port = address.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(first)
        refused = asyncio.create_task(_refusal(reader, is_http2=first.startswith(PREFACE)))
        while not refused.done():
            with suppress(OSError):
                writer.write(more)
                await writer.drain()
            await asyncio.wait([refused], timeout=PAUSE_SECONDS)
    finally:
        writer.transport.abort()


async def _refusal(reader: asyncio.StreamReader, is_http2: bool) -> None:
    """Return at an answer: of HTTP/2 at a frame that is no greeting."""
    with suppress(asyncio.IncompleteReadError, OSError):
        while is_http2:
            head = await reader.readexactly(9)
            await reader.readexactly(int.from_bytes(head[:3]))
            if head[3] in (DATA, HEADERS, 3, 7):
                return
        await reader.read(1)
