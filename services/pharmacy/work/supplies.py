"""Looks at what patients have of each medicine: once a day, and when something was delivered or given back. Reminds the
patient in time, and warns the prescriber.

When a supply is next looked at is a row. Whoever looks moves it on in the same transaction as what it tells, so that
each is told once, however many workers there are and wherever one is killed. While the diary cannot be asked nothing is
told, and nothing lost.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import grpc
import structlog
from apricot.access.v1.access_pb2 import SCOPE_DOSE_READ, Scope
from apricot.identity.v1.care_pb2 import Carer
from apricot.pharmacy.v1.refill_pb2 import SUPPLY_WARNING_KIND_FELL_BEHIND, SUPPLY_WARNING_KIND_RAN_OUT
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.clock import Clock
from kit.database import Database
from kit.outages import is_outage
from kit.outbox import Relay
from kit.rounds import every
from services.pharmacy import events
from services.pharmacy.domain.supply import Outlook, State, look_ahead
from services.pharmacy.domain.waking import when_awake
from services.pharmacy.store import refills, supplies, supply_warnings
from services.pharmacy.store.supply_tables import SupplyLotRow, SupplyRow, SupplyWarningRow
from services.pharmacy.work.diaries import FindDoses, taken_of

log = structlog.get_logger()

_EVERY_SECONDS = 5.0
_ONE_DAY, _LATER = timedelta(days=1), timedelta(hours=1)
_INSTANT = timedelta(milliseconds=1)
_DEFAULT_TIME_ZONE = "Asia/Shanghai"

type FindCarers = Callable[[UUID, Scope.ValueType], Awaitable[Sequence[Carer]]]
"""Who may act with a scope on a patient's data. Errors: an outage."""


class Supplies:
    """Looks at those that are due."""

    def __init__(
        self, database: Database, relay: Relay, find_doses: FindDoses, find_carers: FindCarers, clock: Clock
    ) -> None:
        self._database = database
        self._relay = relay
        self._find_doses = find_doses
        self._find_carers = find_carers
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled; outages are waited out."""
        await every(_EVERY_SECONDS, self.do_due, "the look at supplies")

    async def do_due(self) -> None:
        """Everything whose time has come."""
        while await self._look_at_next():
            await self._relay.wake()

    async def _look_at_next(self) -> bool:
        """One patient in a transaction, with one question to the diary: a delivery waits for no more than that. Whether
        there was one."""
        now = self._clock()
        async with self._database.transaction() as session:
            rows = await supplies.claim_due(session, now)
            if not rows:
                return False
            patient = rows[0].patient_id
            found = [(row, await supplies.lots_of(session, patient, row.atc_code, now)) for row in rows]
            start = min((lots[0].start_time for _, lots in found if lots), default=now)
            try:
                diary = await self._find_doses(patient, min(start, now), now + _INSTANT)
            except grpc.aio.AioRpcError as error:
                if is_outage(error):
                    raise
                log.error("a diary could not be added up", code=error.code().name)
                for row in rows:  # so that others do not wait behind this one
                    row.due_time = now + _LATER
                return True
            zone = ZoneInfo(diary.time_zone or _DEFAULT_TIME_ZONE)
            codes = await supplies.codes_of(session, patient)
            for row, lots in found:
                if lots:
                    dispensed = [supplies.lot(one) for one in lots]
                    outlook = look_ahead(dispensed, taken_of(diary, row, codes), now, zone)
                    supplies.note(row, outlook, now)
                    row.due_time = None if outlook.run_out_time is None else now + _ONE_DAY
                    await self._tell(session, row, lots, outlook, now, zone)
                else:
                    await supplies.drop(session, patient, row.atc_code)
        return True

    async def _tell(
        self,
        session: AsyncSession,
        row: SupplyRow,
        lots: Sequence[SupplyLotRow],
        outlook: Outlook,
        now: datetime,
        zone: ZoneInfo,
    ) -> None:
        """What there is to say; at night it is looked at again in the morning."""
        reminds = await _reminds(session, row, outlook, now)
        warnings = await self._warnings(session, row, lots, outlook, now)
        refill = await refills.find_refill(session, row.patient_id, row.atc_code, now) if reminds else None
        if refill and refill.from_time > now:  # nobody could order it yet
            if outlook.state(now) is State.RAN_OUT:
                refill = None  # used faster than prescribed: that is the doctor's to change
            else:
                reminds, row.due_time = False, min(refill.from_time, now + _ONE_DAY)
        if not (reminds or warnings):
            return
        if (awake := when_awake(now, zone)) > now:
            row.due_time = awake
            return
        if reminds:
            row.remind_time = now
            events.refill_due(session, row, refill, lots[-1].order_id, now)
        for warning in warnings:
            session.add(warning)
            events.supply_warned(session, warning, now)

    async def _warnings(
        self, session: AsyncSession, row: SupplyRow, lots: Sequence[SupplyLotRow], outlook: Outlook, now: datetime
    ) -> list[SupplyWarningRow]:
        """Of what the prescriber is to be warned: each once for each delivery. What the diary alone tells is for who
        may read it."""
        prescriber = next((lot.prescriber_id for lot in reversed(lots) if lot.prescriber_id), None)
        if prescriber is None:
            return []
        kinds, lot_time = list[int](), lots[-1].start_time
        if outlook.state(now) is State.RAN_OUT:
            kinds.append(SUPPLY_WARNING_KIND_RAN_OUT)
        if outlook.fell_behind and await self._may_read(row.patient_id, prescriber):
            kinds.append(SUPPLY_WARNING_KIND_FELL_BEHIND)
        warned = await supply_warnings.kinds_warned(session, row, lot_time) if kinds else []
        return [supply_warnings.new(row, prescriber, kind, lot_time, now) for kind in kinds if kind not in warned]

    async def _may_read(self, patient: UUID, prescriber: UUID) -> bool:
        carers = await self._find_carers(patient, SCOPE_DOSE_READ)
        return any(carer.account_id == str(prescriber) for carer in carers)


async def _reminds(session: AsyncSession, row: SupplyRow, outlook: Outlook, now: datetime) -> bool:
    """Once for each delivery, unless more is on its way."""
    if row.remind_time is not None or outlook.state(now) not in (State.LOW, State.RAN_OUT):
        return False
    return not await refills.is_on_its_way(session, row.patient_id, row.atc_code)
