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
from services.pharmacy.domain.geography import Position
from services.pharmacy.domain.orders import Act, State
from services.pharmacy.rpc.exports import Exports
from services.pharmacy.store import couriers, deleted_accounts, tables
from services.pharmacy.store.tables import (
    CourierRow,
    JobRow,
    OrderRatingRow,
    OrderRow,
    OrderStepRow,
    PaymentRow,
    QuestionRow,
    RefundRow,
    ReviewRow,
    SupplyRow,
    SupplyWarningRow,
    TemperatureRow,
)
from services.pharmacy.work.accounts import on_accounts_deleted
from tests.pharmacy.orders.shop import Shop
from tests.pharmacy.refill.dispensary import METFORMIN, Dispensary, call, prescribed

INSIDE = {
    "order_item": "an order's items",
    "order_step": "an order's steps",
    "order_rating": "an order's rating",
    "prescription_claim": "an order's prescription",
    "refund": "a payment's refunds",
}
"""Shown inside another record."""
LEFT_OUT = {
    "stock_hold": "which packs on the shelf stand for an order: the pharmacy's own book",
    "courier_position": "where a courier is, gone when the delivery ends",
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


async def test_what_others_did_for_the_order_is_in_the_file_too(dispensary: Dispensary) -> None:
    patient, order = await bought(dispensary)
    async with dispensary.database.transaction() as session:
        row = await session.get(OrderRow, order)
    assert row is not None
    await Shop(dispensary.database).add_pharmacy(row.pharmacy_id)
    of_order: dict[str, Any] = {"order_id": order, "patient_id": patient}
    now, payment = dispensary.clock(), uuid4()
    money: dict[str, Any] = {"amount_minor": 1500, "currency": "CNY", "create_time": now}
    for table, facts in (
        (PaymentRow, {"payment_id": payment, "provider": "sandbox", "state": 3, "expire_time": now, **money}),
        (RefundRow, {"refund_id": uuid4(), "payment_id": payment, "cause": 1, "state": 1, **money}),
        (JobRow, {"state": 4, "courier_id": uuid4(), "offer_time": now, **job(row)}),
        (TemperatureRow, {"time": now, "courier_id": uuid4(), "celsius": 4.5, "create_time": now}),
        (ReviewRow, {"prescription_revision": 1, "state": 1, "open_time": now, **of_review(row)}),
        (QuestionRow, {"question_id": uuid4(), **of_question(dispensary), "prescription_id": row.prescription_id}),
    ):
        async with dispensary.database.transaction() as session:
            session.add(table(**of_order, **facts))
    found = dict(await export(dispensary, patient))
    assert found.keys() == {"export", *KINDS}
    assert found["payment"]["refunds"][0]["amount"]["minorUnits"] == "1500"
    assert found["delivery_temperature"]["celsius"] == 4.5
    assert found["review_question"]["question"] == "为何？"


KINDS = {
    "order",
    "payment",
    "delivery",
    "delivery_temperature",
    "review",
    "review_question",
    "supply",
    "supply_lot",
    "supply_warning",
}


def job(order: OrderRow) -> dict[str, Any]:
    fields = "pharmacy_id", "latitude", "longitude", "distance_metres", "currency", "cold_chain"
    return {field: getattr(order, field) for field in fields} | {"fee_minor": 500}


def of_review(order: OrderRow) -> dict[str, Any]:
    return {"pharmacy_id": order.pharmacy_id, "prescription_id": order.prescription_id}


def of_question(dispensary: Dispensary) -> dict[str, Any]:
    now = dispensary.clock()
    return {"doctor_id": dispensary.doctor, "pharmacist_id": uuid4(), "question": "为何？", "ask_time": now}


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


async def test_a_courier_whose_account_is_gone_is_nowhere(dispensary: Dispensary) -> None:
    gone, other = uuid4(), uuid4()
    for courier in gone, other:
        async with dispensary.database.transaction() as session:
            place = Position(31.2, 121.5)
            await couriers.set_availability(session, courier, place, has_cold_box=True, now=dispensary.clock())
    await delete_account(dispensary, gone)
    assert await count(dispensary.database, CourierRow, CourierRow.courier_id == gone, _has_place()) == 0
    assert await count(dispensary.database, CourierRow, CourierRow.courier_id == other, _has_place()) == 1


async def stands(dispensary: Dispensary, order_id: UUID) -> tuple[int, bool]:
    """Where an order stands, and whether it still knows where it goes."""
    async with dispensary.database.transaction() as session:
        row = await session.get(OrderRow, order_id)
    assert row is not None
    return row.state, bool(row.address)


def _is_due() -> Any:
    return col(SupplyRow.due_time).is_not(None)


def _has_place() -> Any:
    return col(CourierRow.latitude).is_not(None)
