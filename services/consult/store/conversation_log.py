"""The conversation's log: what is said at the same time in one process shares one statement and one commit, and each
sender waits for it."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason

from kit import telemetry
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, not_found
from kit.idempotency import reused
from kit.outages import is_outage
from kit.sealing import SealingKeys
from services.consult.store.conversation_tables import content_column

_MOST_IN_GROUP = 200
_EPOCH = datetime.fromtimestamp(0, UTC)

_ADD = """
with asked as (
  select * from unnest($1::int[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::bytea[], $8::bool[])
  as asked (nth, consultation_id, sender_id, device_id, client_id, call_id, content, while_waiting)
), seat as (
  select consultation.consultation_id, consultation.patient_id, state, last_sequence, account_id
  from consultation join member on member.consultation_id = consultation.consultation_id
  where (member.consultation_id, account_id) in (select consultation_id, sender_id from asked)
  order by consultation.consultation_id, account_id
  for no key update of consultation for key share of member
), earlier as (
  select nth, sequence, create_time, said.content, null::uuid as call_id
  from asked join message as said using (consultation_id, sender_id, client_id)
  union all
  select nth, sequence, create_time, said.content, said.call_id
  from asked join signal as said using (consultation_id, sender_id, client_id)
), in_call as (
  select nth from seat join asked using (consultation_id)
  join call_participant as device using (consultation_id, call_id, account_id, device_id)
  where account_id = sender_id and leave_time is null
  for share of device
), fresh as (
  select asked.*, patient_id, last_sequence + row_number() over (partition by consultation_id order by nth) as sequence
  from asked join seat using (consultation_id)
  where account_id = sender_id and (state = 2 or state = 1 and while_waiting)
  and (asked.call_id is null or nth in (select nth from in_call))
  and not exists (select from earlier where earlier.nth = asked.nth)
), place as (
  update consultation set last_sequence = place.sequence, update_time = $9
  from (select consultation_id, patient_id, max(sequence) as sequence from fresh group by 1, 2) as place
  where consultation.consultation_id = place.consultation_id and consultation.patient_id = place.patient_id
), said as (
  insert into message
  (consultation_id, sequence, patient_id, sender_id, device_id, client_id, create_time, content)
  select consultation_id, sequence, patient_id, sender_id, device_id, client_id, $9, content
  from fresh where call_id is null
), signalled as (
  insert into signal
  (consultation_id, sequence, patient_id, call_id, sender_id, device_id, client_id, create_time, content)
  select consultation_id, sequence, patient_id, call_id, sender_id, device_id, client_id, $9, content
  from fresh where call_id is not null
), absent as (
  select distinct consultation_id, member.account_id, fresh.patient_id
  from fresh join member using (consultation_id)
  where call_id is null and member.account_id <> sender_id and not exists (
    select from present_device as present
    where present.consultation_id = member.consultation_id and present.account_id = member.account_id
  )
), told as (
  insert into message_push as last (consultation_id, account_id, patient_id, push_time)
  select consultation_id, account_id, patient_id, $9 from absent
  on conflict (consultation_id, account_id) do update set push_time = excluded.push_time
  where last.push_time < excluded.push_time - interval '30 seconds'
  returning *
), pushed as (
  insert into push (patient_id, account_id, kind, reference_id, urgent, state, tries, create_time, next_try_time)
  select patient_id, account_id, 'message', consultation_id, false, 'waiting', 0, $9, $9 from told
)
select asked.nth, seat.state, fresh.sequence as place, earlier.sequence, earlier.create_time, earlier.content,
  earlier.call_id
from asked left join seat on seat.consultation_id = asked.consultation_id and account_id = asked.sender_id
left join fresh on fresh.nth = asked.nth left join earlier on earlier.nth = asked.nth
"""
"""The consultations are locked in one order, then looked at: one that ends meanwhile takes no more, and places are
given in the order of commits. What was said before keeps its place. Whoever has no device there is pushed that there is
something, twice a minute at most. A `client_id` that another process commits at the same instant is a unique violation;
the second try sees it."""


@dataclass(eq=False, slots=True)
class Said:
    """Something to be added."""

    consultation_id: UUID
    sender_id: UUID
    device_id: UUID
    client_id: UUID
    content: bytes
    """`MessageContent`, or `Signal`, of the contract."""
    call_id: UUID | None = None
    """Of a signal."""
    while_waiting: bool = False
    """Whether the consultation need not be active yet."""
    sequence: int = 0
    """Its place, once it is there."""
    create_time: datetime = _EPOCH
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


type OnCommit = Callable[[Sequence[Said]], None]


class ConversationLog:
    """Adds messages and signals to conversations."""

    def __init__(self, database: Database, clock: Clock, on_commit: OnCommit) -> None:
        """`on_commit` is called with what is new, in order, before its senders go on."""
        self._database = database
        self._clock = clock
        self._on_commit = on_commit
        self._queue: deque[Said] = deque()
        self._committer: asyncio.Task[None] | None = None

    async def add(self, said: Said) -> Said:
        """Add it durably; or, where its `client_id` came before, what that gave. Errors: NOT_FOUND (the sender takes no
        part), WRONG_STATE, REQUEST_ID_REUSED (the `client_id` came with other content); an outage, after which the same
        may be said again."""
        self._queue.append(said)
        if self._committer is None:
            self._committer = asyncio.create_task(self._commit_groups())
        await said.done
        return said

    async def _commit_groups(self) -> None:
        try:
            while self._queue:
                group = self._next_group()
                try:
                    await self._commit(group)
                except Exception as error:  # noqa: BLE001  each sender gets the error that is its own
                    await self._commit_singly(group, error)
        finally:
            # In the same step that found the queue empty: what is said next must not count on this task.
            self._committer = None

    def _next_group(self) -> list[Said]:
        """What waits. Of two with the same `client_id` the second finds the first one's place, in the next group."""
        group: list[Said] = []
        later: list[Said] = []
        keys = set()
        while self._queue and len(group) < _MOST_IN_GROUP:
            said = self._queue.popleft()
            key = said.consultation_id, said.sender_id, said.client_id
            (later if key in keys else group).append(said)
            keys.add(key)
        self._queue.extendleft(reversed(later))
        return group

    async def _commit_singly(self, group: Sequence[Said], group_error: Exception) -> None:
        """An outage is everybody's error; any other belongs to one, or is gone at the second try (a race)."""
        for said in group:
            error: Exception | None = group_error
            if not is_outage(group_error):
                try:
                    await self._commit([said])
                    error = None
                except Exception as own:  # noqa: BLE001  handed to the sender who caused it
                    error = own
            if error is not None and not said.done.done():
                said.done.set_exception(error)

    async def _commit(self, group: Sequence[Said]) -> None:
        now = self._clock()
        async with self._database.connection() as connection:
            rows = await connection.fetch(_ADD, *_columns(group, self._database.sealing), now)
        telemetry.COMMIT_BATCH.observe(len(group))
        outcomes: list[tuple[Said, ApricotError | None]] = []
        new: list[Said] = []
        for nth, state, place, sequence, create_time, content, call_id in rows:
            said, error = group[nth], None
            if place is not None:
                said.sequence, said.create_time = place, now
                new.append(said)
            elif state is None:
                error = not_found("consultation")
            elif sequence is None:
                error = ApricotError(
                    Reason.REASON_WRONG_STATE,
                    "the consultation takes no more of this",
                )
            elif self._database.sealing.open(content_column(call_id), content) != said.content:
                error = reused()
            else:
                said.sequence, said.create_time = sequence, create_time
            outcomes.append((said, error))
        self._on_commit(sorted(new, key=lambda said: said.sequence))
        for said, error in outcomes:
            if said.done.done():  # its sender has gone
                continue
            if error is None:
                said.done.set_result(None)
            else:
                said.done.set_exception(error)


def _columns(group: Sequence[Said], keys: SealingKeys) -> tuple[list[object], ...]:
    return (
        list(range(len(group))),
        [said.consultation_id for said in group],
        [said.sender_id for said in group],
        [said.device_id for said in group],
        [said.client_id for said in group],
        [said.call_id for said in group],
        [keys.seal(content_column(said.call_id), said.content) for said in group],
        [said.while_waiting for said in group],
    )
