"""`apricot.pharmacy.v1.PharmacyExportService`."""

from collections.abc import AsyncIterator, Sequence

from apricot.pharmacy.v1 import export_pb2
from google.protobuf.message import Message
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.exports import Kind, each, record_of
from kit.times import to_timestamp
from services.pharmacy.store import refills
from services.pharmacy.store.job_bodies import deliveries_of
from services.pharmacy.store.order_bodies import bodies_of
from services.pharmacy.store.payment_bodies import payment_bodies
from services.pharmacy.store.review_bodies import question_message, review_message
from services.pharmacy.store.supply_bodies import lot_message, supply_message, warning_message
from services.pharmacy.store.tables import (
    JobRow,
    OrderRow,
    PaymentRow,
    QuestionRow,
    ReviewRow,
    SupplyLotRow,
    SupplyRow,
    SupplyWarningRow,
    TemperatureRow,
)


def kinds_of(clock: Clock) -> list[Kind]:
    """What is kept of a patient, each kind as the contract has it."""

    async def supplies(session: AsyncSession, rows: Sequence[SupplyRow]) -> Sequence[Message]:
        now, messages = clock(), []
        for row in rows:
            refill = await refills.find_refill(session, row.patient_id, row.atc_code, now)
            messages.append(supply_message(row, refill.repeats_left if refill else 0, now))
        return messages

    return [
        ("order", OrderRow, bodies_of),
        ("payment", PaymentRow, payment_bodies),
        ("delivery", JobRow, deliveries_of),
        ("delivery_temperature", TemperatureRow, each(_temperature)),
        ("review", ReviewRow, each(lambda row: review_message(row, clock()))),
        ("review_question", QuestionRow, each(question_message)),
        ("supply", SupplyRow, supplies),
        ("supply_lot", SupplyLotRow, each(lot_message)),
        ("supply_warning", SupplyWarningRow, each(warning_message)),
    ]


class Exports:
    """A patient's orders as a file."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._kinds = kinds_of(clock)

    async def ExportPharmacyRecord(
        self, request: export_pb2.ExportPharmacyRecordRequest, call: Call
    ) -> AsyncIterator[export_pb2.ExportPharmacyRecordResponse]:
        async for content in record_of(self._database, self._kinds, call.caller.account_id, self._clock()):
            yield export_pb2.ExportPharmacyRecordResponse(content=content)


def _temperature(row: TemperatureRow) -> Message:
    return export_pb2.DeliveryTemperature(order_id=str(row.order_id), celsius=row.celsius, time=to_timestamp(row.time))
