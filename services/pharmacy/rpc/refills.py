"""`apricot.pharmacy.v1.RefillService`."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from apricot.access.v1.access_pb2 import SCOPE_DOSE_READ
from apricot.pharmacy.v1 import refill_pb2 as pb
from apricot.pharmacy.v1.order_pb2 import QuoteOrderRequest, WantedItem
from apricot.pharmacy.v1.place_pb2 import Address

from kit import paging
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import not_found
from kit.idempotency import answer_once
from kit.relations import Decision
from kit.views import END
from services.pharmacy import events
from services.pharmacy.events import Telling
from services.pharmacy.rpc.pages import KEY, behind
from services.pharmacy.store import orders, refills, supplies, supply_warnings
from services.pharmacy.store.order_tables import OrderItemRow, OrderRow
from services.pharmacy.store.refills import Refill
from services.pharmacy.store.supply_bodies import supply_message, warning_message
from services.pharmacy.store.supply_tables import SupplyWarningRow

type Decide = Callable[[Call, Sequence[UUID]], Awaitable[Sequence[Decision]]]
"""What the caller may see of each of these patients."""


class Refills:
    """Supplies, and how they go on."""

    def __init__(self, database: Database, telling: Telling, decide: Decide, clock: Clock) -> None:
        self._database = database
        self._telling = telling
        self._decide = decide
        self._clock = clock

    async def ListSupplies(self, request: pb.ListSuppliesRequest, call: Call) -> pb.ListSuppliesResponse:
        patient, now, most = UUID(request.patient_id), self._clock(), paging.page_size(request.page_size)
        key = paging.decode(request.page_token, request, (str, str))
        if not call.view(patient).shows(SCOPE_DOSE_READ, now):
            return pb.ListSuppliesResponse()
        answer = pb.ListSuppliesResponse()
        async with self._database.transaction() as session:
            rows = await supplies.page_of(session, patient, (_instant(key[0]), key[1]) if key else None, most + 1)
            for row in rows[:most]:
                refill = await refills.find_refill(session, patient, row.atc_code, now)
                answer.supplies.append(supply_message(row, refill.repeats_left if refill else 0, now))
        if len(rows) > most:
            last = rows[most - 1]
            answer.next_page_token = paging.encode([(last.run_out_time or END).isoformat(), last.atc_code], request)
        return answer

    async def PrepareReorder(self, request: pb.PrepareReorderRequest, call: Call) -> pb.PrepareReorderResponse:
        patient, now = call.caller.account_id, self._clock()
        async with self._database.transaction() as session:
            order = await refills.last_order(session, patient, request.atc_code)
            if order is None:
                raise not_found("supply")
            items = [item for item in await orders.items_of(session, order) if item.atc_code == request.atc_code]
            refill = await refills.find_refill(session, patient, request.atc_code, now)
        return pb.PrepareReorderResponse(
            quote_request=_draft(order, items, refill),
            needs_prescription=refill is None and any(item.prescription_only for item in items),
        )

    async def ListSupplyWarnings(
        self, request: pb.ListSupplyWarningsRequest, call: Call
    ) -> pb.ListSupplyWarningsResponse:
        most, now = paging.page_size(request.page_size), self._clock()
        place = behind(paging.decode(request.page_token, request, KEY))
        async with self._database.transaction() as session:
            rows = await supply_warnings.page_of(
                session, call.caller.account_id, place, most + 1, open_only=request.open_only
            )
            shown = await self._shown(call, rows[:most], now)
            for patient in {row.patient_id for row in shown}:
                events.access_used(session, call, patient, now)
        await self._telling.wake()
        answer = pb.ListSupplyWarningsResponse(warnings=map(warning_message, shown))
        if len(rows) > most:
            last = rows[most - 1]
            answer.next_page_token = paging.encode([last.create_time.isoformat(), str(last.warning_id)], request)
        return answer

    async def AcknowledgeSupplyWarning(
        self, request: pb.AcknowledgeSupplyWarningRequest, call: Call
    ) -> pb.AcknowledgeSupplyWarningResponse:
        async with self._database.transaction() as session:

            async def acknowledge() -> pb.AcknowledgeSupplyWarningResponse:
                row = await supply_warnings.lock(session, call.caller.account_id, UUID(request.warning_id))
                now = self._clock()
                if row is None or not await self._shown(call, [row], now):
                    raise not_found("warning")
                row.acknowledge_time = row.acknowledge_time or now
                events.access_used(session, call, row.patient_id, now)
                return pb.AcknowledgeSupplyWarningResponse(warning=warning_message(row))

            answer = await answer_once(session, call, request, pb.AcknowledgeSupplyWarningResponse, acknowledge)
        await self._telling.wake()
        return answer

    async def _shown(self, call: Call, rows: Sequence[SupplyWarningRow], now: datetime) -> list[SupplyWarningRow]:
        """Those that the caller may see: what the diary alone tells, as long as the patient lets it be read."""
        told = list({row.patient_id for row in rows if row.kind == pb.SUPPLY_WARNING_KIND_FELL_BEHIND})
        decisions = await self._decide(call, told) if told else []
        open_to = {
            patient
            for patient, decision in zip(told, decisions, strict=True)
            if decision.view.shows(SCOPE_DOSE_READ, now)
        }
        return [row for row in rows if row.kind != pb.SUPPLY_WARNING_KIND_FELL_BEHIND or row.patient_id in open_to]


def _draft(order: OrderRow, items: Sequence[OrderItemRow], refill: Refill | None) -> QuoteOrderRequest:
    if not any(item.prescription_item for item in items):
        refill = None  # it was bought without a prescription, and is again
    draft = QuoteOrderRequest(
        request_id=str(uuid4()),
        pharmacy_id=str(order.pharmacy_id),
        address=Address.FromString(order.address),
        items=[
            WantedItem(
                product_id=str(item.product_id),
                quantity=item.quantity,
                prescription_item=refill.item if refill and item.prescription_item else 0,
            )
            for item in items
        ],
    )
    if refill:
        draft.prescription_id, draft.prescription_revision = str(refill.prescription_id), refill.revision
    return draft


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise paging.invalid() from error
