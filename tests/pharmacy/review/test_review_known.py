"""What else the patient takes reaches the check, from wherever it is known."""

import pytest
from apricot.consult.v1.prescription_pb2 import (
    FINDING_CONSEQUENCE_BLOCKS,
    FINDING_CONSEQUENCE_INFORMS,
    FINDING_CONSEQUENCE_NEEDS_REASON,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.entry_pb2 import INSULIN_KIND_RAPID, Decimal, Entry, InsulinDose, MedicineDose
from apricot.pharmacy.v1.review_pb2 import (
    MEDICINE_SOURCE_DIARY,
    MEDICINE_SOURCE_EARLIER_ORDER,
    MEDICINE_SOURCE_ORDER,
    MEDICINE_SOURCE_PRESCRIPTION,
    MEDICINE_SOURCE_RECORD,
)

from services.pharmacy.domain.orders import Act
from tests.consult.prescriptions.writing import allergy, facts, item
from tests.pharmacy.review.dispensary import Dispensary, by_key, checked, needing_reason, refused


async def test_what_else_the_patient_takes_is_known_from_everywhere(dispensary: Dispensary) -> None:
    """Each of them makes a finding with the glimepiride that is prescribed."""
    await dispensary.ward.put(facts(dispensary.ward.today, takes=("J02AC01",)))
    earlier = await dispensary.order(await dispensary.prescribe(item("J01FA09", "500")))
    await dispensary.dispense(earlier)
    await dispensary.ward.issue()  # metformin, by consult
    await dispensary.log(
        Entry(medicine_dose=MedicineDose(name="Levofloxacin", atc_code="J01MA12", amount=Decimal(value="500"))),
        Entry(insulin_dose=InsulinDose(kind=INSULIN_KIND_RAPID, amount_units=Decimal(value="4"))),
    )
    told = await dispensary.prescribe(item("A10BB12", "2"))
    order = await dispensary.order(told, item("P01AB01", "200"))
    await dispensary.claim(order)
    check = (await dispensary.check(order)).check
    assert {(known.atc_code, known.source) for known in check.medicines} == {
        ("J02AC01", MEDICINE_SOURCE_RECORD),
        ("J01FA09", MEDICINE_SOURCE_EARLIER_ORDER),
        ("A10BA02", MEDICINE_SOURCE_PRESCRIPTION),
        ("J01MA12", MEDICINE_SOURCE_DIARY),
        ("A10AB", MEDICINE_SOURCE_DIARY),
        ("P01AB01", MEDICINE_SOURCE_ORDER),
    }
    pairs = {key for key in by_key(check) if key.startswith("interaction:A10BB12")}
    assert pairs == {f"interaction:A10BB12:{other}" for other in ("J02AC01", "J01FA09", "J01MA12", "P01AB01")}


@pytest.mark.parametrize(
    ("acts", "is_known"),
    [
        ((), True),
        ((Act.PACK, Act.PICK_UP), True),
        ((Act.PACK, Act.PICK_UP, Act.FAIL), True),
        ((Act.PACK, Act.PICK_UP, Act.DELIVER, Act.ASK_RETURN), True),
        ((Act.CANCEL,), False),
        ((Act.PACK, Act.PICK_UP, Act.DELIVER, Act.ASK_RETURN, Act.ACCEPT_RETURN), False),
    ],
    ids=lambda value: "-".join(act.name for act in value) if isinstance(value, tuple) else None,
)
async def test_what_another_order_is_about_to_bring_is_known(
    dispensary: Dispensary, acts: tuple[Act, ...], is_known: bool
) -> None:
    """Ibuprofen from around the corner, bought an hour ago without a prescription."""
    other = await dispensary.order_freely(item("M01AE01", "200"))
    await dispensary.move(other, *acts)
    check = await checked(dispensary, item("C09AA02", "5"))
    known = [(each.atc_code, each.source) for each in check.medicines]
    assert known == ([("M01AE01", MEDICINE_SOURCE_EARLIER_ORDER)] if is_known else [])
    assert ("interaction:C09AA02:M01AE01" in by_key(check)) is is_known


async def test_the_insulin_that_is_prescribed_is_not_taken_twice(dispensary: Dispensary) -> None:
    await dispensary.log(Entry(insulin_dose=InsulinDose(kind=INSULIN_KIND_RAPID, amount_units=Decimal(value="4"))))
    found = by_key(await checked(dispensary, item("A10AB05")))
    assert found["duplicate:A10AB05:A10AB05"].consequence == FINDING_CONSEQUENCE_INFORMS


async def test_what_is_ordered_beside_is_checked_too(dispensary: Dispensary) -> None:
    """Against allergies and against what the patient takes, not only against what is prescribed."""
    known = facts(dispensary.ward.today, allergy("M01AE01", "布洛芬"), takes=("C09AA05",))
    await dispensary.ward.put(known)
    order = await dispensary.order(await dispensary.prescribe(), item("M01AE01", "200"))
    await dispensary.claim(order)
    made = await dispensary.check(order)
    found = by_key(made.check)
    assert found["allergy:M01AE01:M01AE01"].consequence == FINDING_CONSEQUENCE_BLOCKS
    assert found["interaction:C09AA05:M01AE01"].consequence == FINDING_CONSEQUENCE_NEEDS_REASON
    with refused(Reason.REASON_PRESCRIPTION_UNSAFE):
        await dispensary.approve(order, made.digest, *needing_reason(made.check))
