"""Supplies as patients and clinicians see them, warnings, and one touch to order again."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from apricot.access.v1.access_pb2 import SCOPE_DOSE_READ, SCOPE_GLUCOSE_READ
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.events_pb2 import AccessUsed
from apricot.pharmacy.v1 import order_pb2 as pb_order
from apricot.pharmacy.v1 import refill_pb2 as pb
from sqlmodel import col, select

from kit import validation
from kit.outbox import OutboxRow
from kit.times import to_timestamp
from kit.views import View, Window
from services.pharmacy.domain.orders import Act, State
from services.pharmacy.rpc.errors import ERRORS
from tests.in_process import refused_by
from tests.pharmacy.orders.shop import Shop
from tests.pharmacy.refill.dispensary import (
    ADDRESS,
    GLARGINE,
    METFORMIN,
    PARACETAMOL,
    Dispensary,
    call,
    prescribed,
    tablets,
)


async def listed(
    dispensary: Dispensary, patient: UUID, caller: UUID | None = None, view: View | None = None, **more: Any
) -> pb.ListSuppliesResponse:
    request = pb.ListSuppliesRequest(patient_id=str(patient), **more)
    views = {patient: view} if view else None
    return await dispensary.refills().ListSupplies(
        request, call("RefillService/ListSupplies", caller or patient, views)
    )


async def warnings(dispensary: Dispensary, caller: UUID, **more: Any) -> pb.ListSupplyWarningsResponse:
    request = pb.ListSupplyWarningsRequest(**more)
    return await dispensary.refills().ListSupplyWarnings(request, call("RefillService/ListSupplyWarnings", caller))


async def acknowledge(dispensary: Dispensary, caller: UUID, warning_id: str, request_id: str = "") -> pb.SupplyWarning:
    request = pb.AcknowledgeSupplyWarningRequest(request_id=request_id or str(uuid4()), warning_id=warning_id)
    answer = await dispensary.refills().AcknowledgeSupplyWarning(
        request, call("RefillService/AcknowledgeSupplyWarning", caller)
    )
    return answer.warning


async def reorder(dispensary: Dispensary, patient: UUID, atc_code: str) -> pb.PrepareReorderResponse:
    request = pb.PrepareReorderRequest(atc_code=atc_code)
    return await dispensary.refills().PrepareReorder(request, call("RefillService/PrepareReorder", patient))


async def metformin(dispensary: Dispensary, repeats: int = 0) -> tuple[UUID, UUID]:
    patient = uuid4()
    prescription = await dispensary.prescribe(patient, prescribed(METFORMIN, "500", "mg", repeats=repeats))
    await dispensary.deliver(patient, METFORMIN, packs=2, prescription=prescription)
    await dispensary.look()
    return patient, prescription


async def test_a_supply_tells_how_long_it_lasts_and_how_that_is_known(dispensary: Dispensary) -> None:
    patient, _ = await metformin(dispensary, repeats=3)
    (found,) = (await listed(dispensary, patient)).supplies
    assert (found.atc_code, found.name_zh, found.name_en) == ("A10BA02", "二甲双胍", "metformin")
    assert (found.state, found.basis) == (pb.SUPPLY_STATE_ENOUGH, pb.SUPPLY_BASIS_ASSUMED)
    assert (found.days_left, found.repeats_left) == (60, 3)
    assert found.run_out_time == to_timestamp(dispensary.clock() + timedelta(days=60))
    dispensary.clock.advance(days=55, hours=1)  # nobody has looked meanwhile
    (found,) = (await listed(dispensary, patient)).supplies
    assert (found.state, found.days_left) == (pb.SUPPLY_STATE_LOW, 4)
    dispensary.clock.advance(days=10)
    (found,) = (await listed(dispensary, patient)).supplies
    assert (found.state, found.days_left) == (pb.SUPPLY_STATE_RAN_OUT, 0)


async def test_the_first_to_run_out_comes_first_and_the_unknown_last_page_by_page(dispensary: Dispensary) -> None:
    patient = uuid4()
    items = prescribed(METFORMIN, "500", "mg"), prescribed(GLARGINE, "30", "[iU]", times_per_day=1)
    prescription = await dispensary.prescribe(patient, *items)
    await dispensary.deliver(patient, METFORMIN, GLARGINE, prescription=prescription)
    await dispensary.deliver(patient, PARACETAMOL)
    await dispensary.look()
    whole = await listed(dispensary, patient)
    assert [found.atc_code for found in whole.supplies] == ["A10AE04", "A10BA02", "N02BE01"]
    assert whole.supplies[2].state == pb.SUPPLY_STATE_UNKNOWN
    assert not whole.supplies[2].HasField("days_left")
    assert whole.supplies[2].basis == pb.SUPPLY_BASIS_UNSPECIFIED
    pages, token = list[str](), ""
    while True:
        page = await listed(dispensary, patient, page_size=1, page_token=token)
        pages += [found.atc_code for found in page.supplies]
        if not (token := page.next_page_token):
            break
    assert pages == [found.atc_code for found in whole.supplies]
    with refused_by(ERRORS, Reason.REASON_INVALID_PAGE_TOKEN):
        await listed(dispensary, uuid4(), page_token=(await listed(dispensary, patient, page_size=1)).next_page_token)


async def test_a_grant_of_the_past_or_of_something_else_shows_nothing(dispensary: Dispensary) -> None:
    patient, _ = await metformin(dispensary)
    now, clinician = dispensary.clock(), uuid4()
    shown = View(frozenset([Window(SCOPE_DOSE_READ)]))
    past = View(frozenset([Window(SCOPE_DOSE_READ, end_time=now)]))
    other = View(frozenset([Window(SCOPE_GLUCOSE_READ)]))
    found = [len((await listed(dispensary, patient, clinician, view)).supplies) for view in (shown, past, other, None)]
    assert found == [1, 0, 0, 0]


async def test_one_touch_orders_the_same_again(dispensary: Dispensary) -> None:
    patient, prescription = await metformin(dispensary, repeats=1)
    draft = await reorder(dispensary, patient, METFORMIN.atc_code)
    assert not draft.needs_prescription
    quote = draft.quote_request
    validation.validate(quote)
    assert quote.address == ADDRESS
    assert (quote.prescription_id, quote.prescription_revision) == (str(prescription), 1)
    (item,) = quote.items
    assert (UUID(item.product_id).int, item.quantity, item.prescription_item) == (1, 2, 1)


async def test_what_was_prepared_is_quoted_and_placed_as_it_is(dispensary: Dispensary) -> None:
    shop = await Shop(dispensary.database).open()
    first = await shop.placed(State.ON_THE_WAY, quantity=2)
    await dispensary.move(UUID(first.order_id), Act.DELIVER)
    draft = await reorder(dispensary, shop.buyer, METFORMIN.atc_code)
    quote = (await shop.orders.QuoteOrder(draft.quote_request, shop.call("QuoteOrder"))).quote
    again = await shop.place(quote)
    assert again.order_id != first.order_id
    assert (again.pharmacy_id, again.items, again.address) == (first.pharmacy_id, first.items, first.address)


async def test_what_has_changed_since_is_told_by_the_quote(dispensary: Dispensary) -> None:
    """The price of now; a pharmacy that is closed, and a product that is gone."""
    shop = await Shop(dispensary.database).open()
    first = await shop.placed(State.ON_THE_WAY)
    await dispensary.move(UUID(first.order_id), Act.DELIVER)

    async def quoted() -> pb_order.Quote:
        draft = await reorder(dispensary, shop.buyer, METFORMIN.atc_code)
        return (await shop.orders.QuoteOrder(draft.quote_request, shop.call("QuoteOrder"))).quote

    await shop.execute("update offer set price_minor = 2990 where pharmacy_id = $1", shop.pharmacy)
    assert (await quoted()).goods.minor_units == 2990
    await shop.execute("update pharmacy set open_for_orders = false where pharmacy_id = $1", shop.pharmacy)
    with refused_by(ERRORS, Reason.REASON_OUTSIDE_POLICY):
        await quoted()
    await shop.execute("update pharmacy set open_for_orders = true where pharmacy_id = $1", shop.pharmacy)
    await shop.execute("delete from offer where pharmacy_id = $1", shop.pharmacy)
    with refused_by(ERRORS, Reason.REASON_NOT_FOUND):
        await quoted()


async def test_what_was_bought_without_a_prescription_is_bought_again_without_one(dispensary: Dispensary) -> None:
    """Though there is one by which it came before."""
    patient = uuid4()
    prescription = await dispensary.prescribe(patient, prescribed(PARACETAMOL, "500", "mg", repeats=3))
    await dispensary.deliver(patient, PARACETAMOL, prescription=prescription)
    dispensary.clock.advance(days=1)
    await dispensary.deliver(patient, PARACETAMOL)
    draft = await reorder(dispensary, patient, PARACETAMOL.atc_code)
    assert draft.quote_request.prescription_id == ""
    assert not draft.needs_prescription


async def test_the_newest_order_is_the_one_that_is_repeated(dispensary: Dispensary) -> None:
    patient, prescription = await metformin(dispensary, repeats=1)
    dispensary.clock.advance(days=30)
    await dispensary.deliver(patient, METFORMIN, packs=3, prescription=prescription)
    draft = await reorder(dispensary, patient, METFORMIN.atc_code)
    assert draft.quote_request.items[0].quantity == 3
    # The prescription was filled as often as it may be: without a new one it is a draft all the same.
    assert draft.needs_prescription
    assert draft.quote_request.prescription_id == ""
    validation.validate(draft.quote_request)


async def test_what_needs_no_prescription_needs_none_again(dispensary: Dispensary) -> None:
    patient = uuid4()
    await dispensary.deliver(patient, PARACETAMOL)
    draft = await reorder(dispensary, patient, PARACETAMOL.atc_code)
    assert not draft.needs_prescription
    assert draft.quote_request.items[0].prescription_item == 0


async def test_nobody_orders_again_what_others_had(dispensary: Dispensary) -> None:
    await metformin(dispensary)
    with refused_by(ERRORS, Reason.REASON_NOT_FOUND):
        await reorder(dispensary, uuid4(), METFORMIN.atc_code)


async def ran_out(dispensary: Dispensary) -> UUID:
    patient, _ = await metformin(dispensary)
    dispensary.clock.advance(days=61)
    await dispensary.look()
    return patient


async def test_a_prescriber_sees_warnings_of_her_own_patients_alone(dispensary: Dispensary) -> None:
    first, second = await ran_out(dispensary), await ran_out(dispensary)
    found = (await warnings(dispensary, dispensary.doctor)).warnings
    assert [one.patient_id for one in found] == [str(second), str(first)]
    assert {one.kind for one in found} == {pb.SUPPLY_WARNING_KIND_RAN_OUT}
    assert not (await warnings(dispensary, uuid4())).warnings
    uses = await used(dispensary, first)
    assert [(use.actor_id, use.action) for use in uses] == [
        (str(dispensary.doctor), "apricot.pharmacy.v1.RefillService/ListSupplyWarnings")
    ]


async def test_warnings_come_in_pages_and_leave_when_they_were_seen(dispensary: Dispensary) -> None:
    patients = [str(await ran_out(dispensary)) for _ in range(3)]
    seen, token = list[str](), ""
    while True:
        page = await warnings(dispensary, dispensary.doctor, page_size=2, page_token=token)
        seen += [one.patient_id for one in page.warnings]
        if not (token := page.next_page_token):
            break
    assert seen == patients[::-1]
    newest = (await warnings(dispensary, dispensary.doctor)).warnings[0]
    dispensary.clock.advance(minutes=1)
    answered = await acknowledge(dispensary, dispensary.doctor, newest.warning_id)
    assert answered.acknowledge_time == to_timestamp(dispensary.clock())
    still_open = await warnings(dispensary, dispensary.doctor, open_only=True)
    assert [one.patient_id for one in still_open.warnings] == patients[:2][::-1]
    assert len((await warnings(dispensary, dispensary.doctor)).warnings) == 3


async def test_the_next_delivery_ends_a_warning(dispensary: Dispensary) -> None:
    patient, other = await ran_out(dispensary), await ran_out(dispensary)
    prescription = await dispensary.prescribe(patient, prescribed(METFORMIN, "500", "mg"))
    order = await dispensary.deliver(patient, METFORMIN, prescription=prescription)

    async def still_open() -> list[str]:
        return [one.patient_id for one in (await warnings(dispensary, dispensary.doctor, open_only=True)).warnings]

    assert await still_open() == [str(other)]
    assert len((await warnings(dispensary, dispensary.doctor)).warnings) == 2
    await dispensary.move(order, Act.ASK_RETURN, Act.ACCEPT_RETURN)
    assert await still_open() == [str(other), str(patient)]


async def test_a_warning_is_acknowledged_once_and_by_its_own_prescriber(dispensary: Dispensary) -> None:
    await ran_out(dispensary)
    (warning,) = (await warnings(dispensary, dispensary.doctor)).warnings
    with refused_by(ERRORS, Reason.REASON_NOT_FOUND):
        await acknowledge(dispensary, uuid4(), warning.warning_id)
    request_id = str(uuid4())
    first = await acknowledge(dispensary, dispensary.doctor, warning.warning_id, request_id)
    dispensary.clock.advance(hours=1)
    assert await acknowledge(dispensary, dispensary.doctor, warning.warning_id, request_id) == first
    assert await acknowledge(dispensary, dispensary.doctor, warning.warning_id) == first
    with refused_by(ERRORS, Reason.REASON_REQUEST_ID_REUSED):
        await acknowledge(dispensary, dispensary.doctor, str(uuid4()), request_id)


async def test_what_the_diary_tells_is_shown_as_long_as_it_may_be_read(dispensary: Dispensary) -> None:
    patient, _ = await metformin(dispensary)
    dispensary.carers.add(dispensary.doctor)
    for _ in range(16):
        dispensary.clock.advance(days=1)
        await dispensary.log(patient, tablets(dispensary.clock(), "0.5"))
    await dispensary.look()
    (warning,) = (await warnings(dispensary, dispensary.doctor)).warnings
    assert warning.kind == pb.SUPPLY_WARNING_KIND_FELL_BEHIND
    (found,) = (await listed(dispensary, patient)).supplies
    assert found.fell_behind
    dispensary.carers.clear()  # the patient took the grant back
    assert not (await warnings(dispensary, dispensary.doctor)).warnings
    with refused_by(ERRORS, Reason.REASON_NOT_FOUND):
        await acknowledge(dispensary, dispensary.doctor, warning.warning_id)


async def used(dispensary: Dispensary, patient: UUID) -> list[AccessUsed]:
    query = select(OutboxRow.payload).where(OutboxRow.subject == f"apricot.pharmacy.access.used.{patient}")
    async with dispensary.database.transaction() as session:
        found = (await session.exec(query.order_by(col(OutboxRow.id)))).all()
    return [AccessUsed.FromString(payload) for payload in found]
