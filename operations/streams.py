"""The streams, as events that can be published once more: a stream made anew is another epoch, so that no old resume
token means anything in it; consumers begin at its beginning, and their inboxes drop what they have handled."""

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import aclosing
from itertools import batched
from typing import BinaryIO

from nats.js.errors import NotFoundError

from kit.bus import Bus, Event, Publication
from kit.feed import replay
from operations.cut import Snapshot
from operations.refusals import Failed

type Known = Callable[[Collection[int]], Awaitable[set[int]]]
"""Those of some transactions that a database has committed."""

_BATCH = 200


async def copy(bus: Bus, service: str, snapshot: Snapshot, sink: BinaryIO) -> int:
    """Write the events of a stream that the service's snapshot knows of; how many. It has to be copied after the
    snapshot was taken: then every event of it is here or still in its outbox. Errors: `Failed`."""
    count = 0
    async with aclosing(_batches(bus, service)) as batches:
        async for batch in batches:
            known = await snapshot.known({event.transaction_id for event in batch})
            kept = [event for event in batch if event.transaction_id in known and _is_row(service, event)]
            await asyncio.to_thread(sink.write, b"".join(_line(service, event) for event in kept))
            count += len(kept)
    return count


async def renew(bus: Bus, service: str, source: BinaryIO, known: Known | None = None) -> int:
    """Make the stream anew and publish what was copied, or those of it whose transactions are known; how many messages
    it then holds."""
    await delete(bus, service)
    await bus.ensure_stream(service)
    lines = batched(source, _BATCH)
    while batch := await asyncio.to_thread(next, lines, None):
        copied = [_copied(line) for line in batch]
        if known is not None:
            there = await known({transaction for transaction, _ in copied})
            copied = [one for one in copied if one[0] in there]
        await bus.publish([publication for _, publication in copied])
    return await message_count(bus, service)


async def message_count(bus: Bus, service: str) -> int:
    """How many messages a stream holds; none where there is no stream."""
    try:
        return int((await bus.jetstream.stream_info(service)).state.messages)
    except NotFoundError:
        return 0


async def delete(bus: Bus, service: str) -> None:
    """Remove a stream with its consumers, where there is one."""
    try:
        await bus.jetstream.delete_stream(service)
    except NotFoundError:
        return


async def check(source: BinaryIO) -> int:
    """Read a copy through; how many events it holds. Errors: `Failed`."""
    return await asyncio.to_thread(lambda: sum(1 for _ in map(_copied, source)))


async def _batches(bus: Bus, service: str) -> AsyncGenerator[list[Event]]:
    """Everything that is in a stream now."""
    state = await bus.ensure_stream(service)
    first = max(state.first_sequence, 1)  # a stream that never held anything says 0
    if first > state.last_sequence:
        return
    batch, reached = list[Event](), 0
    every = [f"apricot.{service}.>"]
    async with aclosing(replay(bus, service, first, state.last_sequence, every)) as events:
        async for event in events:
            reached = event.sequence
            batch.append(event)
            if len(batch) == _BATCH:
                yield batch
                batch = []
    if reached < state.last_sequence:
        raise Failed(f"the stream of {service} could be read to {reached} only, not to {state.last_sequence}")
    yield batch


def _is_row(service: str, event: Event) -> bool:
    """Whether it came out of the outbox; ticks and the like tell of an instant that is over."""
    return event.event_id.removeprefix(f"{service}-").isdecimal()


def _line(service: str, event: Event) -> bytes:
    fields = {
        "id": event.event_id,
        "subject": f"apricot.{service}.{event.kind}.{event.key}",
        "transaction": event.transaction_id,
        "payload": base64.b64encode(event.payload).decode(),
    }
    return json.dumps(fields).encode() + b"\n"


def _copied(line: bytes) -> tuple[int, Publication]:
    """An event's transaction, and the event without it: the number means something in its own cluster alone, and a
    snapshot taken from now on sees what was written."""
    try:
        fields = json.loads(line)
        payload = base64.b64decode(fields["payload"], validate=True)
        return int(fields["transaction"]), Publication(fields["id"], fields["subject"], payload)
    except (ValueError, KeyError, TypeError) as error:
        raise Failed("a copy of a stream cannot be read") from error
