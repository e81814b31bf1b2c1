"""Everything about oneself as a file, and the end of an account."""

import json
from typing import Any
from uuid import UUID, uuid4

from apricot.pharmacy.v1.export_pb2 import ExportPharmacyRecordRequest
from sqlalchemy import func
from sqlmodel import SQLModel, col, select

from kit.bus import Event
from kit.database import Database
from kit.pushes import PushRow
from services.pharmacy.domain.orders import Act, State
from services.pharmacy.rpc.exports import Exports
from services.pharmacy.store import deleted_accounts, tables
from services.pharmacy.store.tables import (
    OrderRatingRow,
    OrderRow,
    OrderStepRow,
    SupplyRow,
    SupplyWarningRow,
)
from services.pharmacy.work.accounts import on_accounts_deleted
from tests.pharmacy.refill.dispensary import METFORMIN, Dispensary, call, prescribed

INSIDE = {
    "order_item": "an order's items",
    "order_step": "an order's steps",
    "order_rating": "an order's rating",
    "prescription_claim": "an order's prescription",
}
"""Shown inside another record."""
LEFT_OUT = {
    "stock_hold": "which packs on the shelf stand for an order: the pharmacy's own book",
    "quote": "kept for a day; the order that comes of it has all of it",
    "push": "that there is something, never what; kept for a week",
    "prescription": "a copy; the prescription is in consult's export",
}
"""Why it is in no record."""


async def export(dispensary: Dispensary, patient: UUID) -> list[tuple[str, dict[str, Any]]]:
    exports = Exports(dispensary.database, dispensary.clock)
    request = ExportPharmacyRecordRequest()
    made = call("PharmacyExportService/ExportPharmacyRecord", patient)
    content = b"".join([part.content async for part in exports.ExportPharmacyRecord(request, made)])
    return [(line["kind"], line["record"]) for line in map(json.loads, content.splitlines())]


async def bought(dispensary: Dispensary) -> tuple[UUID, UUID]:
    """A patient, and an order that was delivered and rated, of a supply that has run out since."""
    patient = uuid4()
    prescription = await dispensary.prescribe(patient, prescribed(METFORMIN, "500", "mg"))
    order = await dispensary.deliver(patient, METFORMIN, prescription=prescription)
    rating = OrderRatingRow(
        order_id=order,
        patient_id=patient,
        pharmacy_id=uuid4(),
        pharmacy_stars=5,
        courier_stars=4,
        words="快",
        create_time=dispensary.clock(),
    )
    async with dispensary.database.transaction() as session:
        session.add(rating)
    dispensary.clock.advance(days=31)
    await dispensary.look()
    return patient, order


async def test_everything_about_oneself_is_in_the_file_and_nothing_of_others(dispensary: Dispensary) -> None:
    await bought(dispensary)
    patient, order = await bought(dispensary)
    records = await export(dispensary, patient)
    head = {"patientId": str(patient), "createTime": dispensary.clock().isoformat()}
    assert records[0] == ("export", head)
    assert [kind for kind, _ in records[1:]] == ["order", "supply", "supply_lot", "supply_warning"]
    found = dict(records)
    assert found["order"]["orderId"] == str(order)
    assert found["order"]["address"]["lines"] == "杏林路 1 号 2 单元 301"
    assert found["order"]["rating"]["words"] == "快"
    assert [step["act"] for step in found["order"]["steps"]] == ["ORDER_ACT_DELIVER"]
    assert found["supply"]["state"] == "SUPPLY_STATE_RAN_OUT"
    assert (found["supply_lot"]["amount"], found["supply_lot"]["unit"]) == ("30000", "mg")
    assert found["supply_warning"]["clinicianId"] == str(dispensary.doctor)


def test_every_table_with_a_patient_is_in_the_file_or_says_why_not(dispensary: Dispensary) -> None:
    of_patients = {
        str(row.__tablename__) for name in tables.__all__ if "patient_id" in (row := getattr(tables, name)).model_fields
    }
    exported = {str(table.__tablename__) for _, table, _ in Exports(dispensary.database, dispensary.clock)._kinds}
    assert of_patients == exported | INSIDE.keys() | LEFT_OUT.keys()


async def count(database: Database, table: type[SQLModel], *conditions: Any) -> int:
    async with database.transaction() as session:
        return (await session.exec(select(func.count()).select_from(table).where(*conditions))).one()


async def delete_account(dispensary: Dispensary, account: UUID) -> None:
    event = Event(1, str(uuid4()), "account", "deleted", str(account), b"", 1)
    async with dispensary.database.transaction() as session:
        await on_accounts_deleted(session, [event])


async def test_what_the_law_wants_stays_and_the_rest_goes_with_the_account(dispensary: Dispensary) -> None:
    patient, order = await bought(dispensary)
    other, _ = await bought(dispensary)
    assert await dispensary.pushes(patient) != []
    await delete_account(dispensary, patient)

    ((_, kept),) = [found for found in await export(dispensary, patient) if found[0] == "order"]
    assert kept["orderId"] == str(order)
    assert kept["address"] == {}
    assert kept["rating"]["pharmacyStars"] == 5
    assert "words" not in kept["rating"]
    async with dispensary.database.transaction() as session:
        row = await session.get(OrderRow, order)
        assert row is not None
        assert (row.latitude, row.longitude, row.buyer_name) == (0, 0, "林杏")
    waiting = PushRow.state == "waiting"
    assert await count(dispensary.database, PushRow, PushRow.patient_id == patient, waiting) == 0
    assert await count(dispensary.database, SupplyRow, SupplyRow.patient_id == patient, _is_due()) == 0
    assert await count(dispensary.database, SupplyWarningRow, SupplyWarningRow.patient_id == patient) == 1

    ((_, others),) = [found for found in await export(dispensary, other) if found[0] == "order"]
    assert others["address"]["lines"]
    assert others["rating"]["words"]
    assert await count(dispensary.database, PushRow, PushRow.patient_id == other, waiting) > 0
    assert await count(dispensary.database, SupplyRow, SupplyRow.patient_id == other, _is_due()) == 1


async def test_what_nobody_paid_is_given_up_and_what_was_paid_goes_on(dispensary: Dispensary) -> None:
    patient = uuid4()
    unpaid = await dispensary.order(patient, METFORMIN, state=State.AWAITING_PAYMENT)
    prescription = await dispensary.prescribe(patient, prescribed(METFORMIN, "500", "mg"))
    paid = await dispensary.order(patient, METFORMIN, prescription=prescription)
    await delete_account(dispensary, patient)
    await delete_account(dispensary, patient)  # told twice
    assert await stands(dispensary, unpaid) == (State.CANCELLED, False)
    assert await stands(dispensary, paid) == (State.ON_THE_WAY, True)
    async with dispensary.database.transaction() as session:
        (step,) = await session.exec(select(OrderStepRow).where(OrderStepRow.order_id == unpaid))
        assert (step.act, step.actor_id) == (Act.CANCEL, patient)

    await dispensary.move(paid, Act.DELIVER)
    async with dispensary.database.transaction() as session:
        await deleted_accounts.forget_addresses(session)
    assert await stands(dispensary, paid) == (State.DELIVERED, False)
    dispensary.clock.advance(days=40)
    await dispensary.look()
    assert await dispensary.pushes(patient) == []


async def stands(dispensary: Dispensary, order_id: UUID) -> tuple[int, bool]:
    """Where an order stands, and whether it still knows where it goes."""
    async with dispensary.database.transaction() as session:
        row = await session.get(OrderRow, order_id)
    assert row is not None
    return row.state, bool(row.address)


def _is_due() -> Any:
    return col(SupplyRow.due_time).is_not(None)
