"""A prescription that a pharmacist rejected reads so to everybody, and stops nothing else."""

from datetime import timedelta
from itertools import permutations
from uuid import uuid4

from apricot.consult.v1.prescription_pb2 import (
    PRESCRIPTION_STATE_REJECTED,
    PRESCRIPTION_STATE_REPLACED,
    PRESCRIPTION_STATE_REVOKED,
    Prescription,
)
from apricot.errors.v1.reason_pb2 import Reason

from kit.bus import Event
from tests.consult.prescriptions.writing import written
from tests.pharmacy.review.dispensary import Dispensary, refused
from tests.pharmacy.review.marks import dispensed, keep_in_consult, mark, rejected, returned, state


async def test_rejected_prescription_reads_so_to_everybody(dispensary: Dispensary) -> None:
    ward = dispensary.ward
    made = await ward.issue()
    await dispensary.hear(made)
    order = await dispensary.order(made)
    await dispensary.claim(order)
    await dispensary.reject(order)
    await mark(dispensary, await _told_by_pharmacy(dispensary, made))
    for reader in (ward.patient, ward.doctor):
        shown = await ward.get(made, reader)
        assert (shown.state, shown.reject_reason) == (PRESCRIPTION_STATE_REJECTED, "剂量过大")
        assert shown.HasField("reject_time")
    (listed,) = (await ward.listed()).prescriptions
    assert (listed.state, (await ward.verify(made)).state) == (PRESCRIPTION_STATE_REJECTED,) * 2
    with refused(Reason.REASON_PRESCRIPTION_NOT_VALID) as metadata:
        await dispensary.order(made)
    assert metadata == {"why": "REJECTED"}
    revised = await ward.revise(made)
    assert [(await ward.get(made, revision=number)).state for number in (1, 2)] == [
        PRESCRIPTION_STATE_REPLACED,
        revised.state,
    ]


async def test_rejected_prescription_stops_no_new_one(dispensary: Dispensary) -> None:
    """What nobody will hand out is nothing that the patient takes."""
    made = await dispensary.ward.issue()
    await mark(dispensary, rejected(made, dispensary.clock.now))
    assert not [each for each in await dispensary.ward.check() if each.key.startswith("duplicate")]
    assert (await dispensary.ward.revoke(made)).state == PRESCRIPTION_STATE_REVOKED


async def test_rejected_repeat_leaves_what_is_taken_known(dispensary: Dispensary) -> None:
    made = await dispensary.ward.issue()
    began = dispensary.clock.now
    events = [dispensed(made, used_up=False, time=began), rejected(made, began + timedelta(days=1))]
    await mark(dispensary, *events)
    assert await state(dispensary, made) == PRESCRIPTION_STATE_REJECTED
    assert [found.key for found in await dispensary.ward.check()] == ["duplicate:A10BA02:A10BA02"]


async def test_consult_hears_of_a_rejection_in_any_order(dispensary: Dispensary) -> None:
    """It was handed out, came back, and was rejected when it was ordered anew."""
    for order in permutations(range(3)):
        made = await dispensary.signed(await dispensary.content(written()))
        await keep_in_consult(dispensary, made)
        began = dispensary.clock.now
        events = [
            dispensed(made, used_up=True, time=began),
            returned(made, began + timedelta(days=1)),
            rejected(made, began + timedelta(days=2)),
        ]
        await mark(dispensary, *(events[place] for place in order), events[2])
        assert await state(dispensary, made) == PRESCRIPTION_STATE_REJECTED


async def test_what_was_revoked_or_replaced_is_not_rejected(dispensary: Dispensary) -> None:
    made = await dispensary.ward.issue()
    await dispensary.ward.revoke(made)
    await mark(dispensary, rejected(made, dispensary.clock.now))
    shown = await dispensary.ward.get(made)
    assert (shown.state, shown.reject_reason) == (PRESCRIPTION_STATE_REVOKED, "")


async def _told_by_pharmacy(dispensary: Dispensary, made: Prescription) -> Event:
    patient = made.content.patient_id
    (row,) = await dispensary.fetch(
        "select payload from outbox where subject = $1", f"apricot.pharmacy.prescription.rejected.{patient}"
    )
    return Event(1, str(uuid4()), "prescription", "rejected", patient, row["payload"], 0)
