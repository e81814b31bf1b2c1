"""What a patient takes beside a prescription, from wherever it is known."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from apricot.consult.v1.health_record_pb2 import HealthFacts
from apricot.consult.v1.prescription_pb2 import Prescription
from apricot.glucose.v1.dose_pb2 import MedicineDoses
from apricot.pharmacy.v1.review_pb2 import (
    MEDICINE_SOURCE_DIARY,
    MEDICINE_SOURCE_EARLIER_ORDER,
    MEDICINE_SOURCE_ORDER,
    MEDICINE_SOURCE_PRESCRIPTION,
    MEDICINE_SOURCE_RECORD,
    MedicineSource,
)

from formulary import insulins
from formulary.medicines import code_of
from formulary.model import MedicineInUse
from prescribing.safety import medicines_of
from services.pharmacy.store.order_tables import OrderItemRow


class Known(NamedTuple):
    """A medicine, and from where it is known."""

    medicine: MedicineInUse
    source: MedicineSource.ValueType


def of_record(facts: HealthFacts) -> Iterator[Known]:
    """What the health record says."""
    for entry in facts.medicines.entries:
        yield Known(MedicineInUse(entry.atc_code, entry.name), MEDICINE_SOURCE_RECORD)


def of_prescriptions(prescriptions: Iterable[Prescription], but: UUID) -> Iterator[Known]:
    """What the other prescriptions in force hold."""
    for one in prescriptions:
        if one.prescription_id != str(but):
            content = None if one.altered else one.content
            for medicine in medicines_of(UUID(one.prescription_id), one.state, content):
                yield Known(medicine, MEDICINE_SOURCE_PRESCRIPTION)


def of_order(items: Iterable[OrderItemRow]) -> Iterator[Known]:
    """What is handed out with it, without a prescription."""
    for item in items:
        if not item.prescription_item:
            yield Known(MedicineInUse(item.atc_code, item.name_en, prescribed=True), MEDICINE_SOURCE_ORDER)


def of_earlier_orders(items: Iterable[OrderItemRow]) -> Iterator[Known]:
    """What other orders brought not long ago, or are about to bring."""
    for item in items:
        yield Known(MedicineInUse(item.atc_code, item.name_en), MEDICINE_SOURCE_EARLIER_ORDER)


def of_diary(doses: Iterable[MedicineDoses], prescribed_codes: Sequence[str]) -> Iterator[Known]:
    """What the patient logged. An insulin of the kind that is prescribed is taken for that one."""
    for logged in doses:
        code, name = logged.atc_code, logged.name or logged.atc_code
        if logged.insulin_kind:
            kind, name = int(logged.insulin_kind), "insulin"
            same = [each for each in prescribed_codes if insulins.insulin_kind(each) == kind]
            code = same[0] if same else insulins.GROUPS.get(kind, "")
        yield Known(MedicineInUse(code or code_of(name), name), MEDICINE_SOURCE_DIARY)


def without_repeats(known: Iterable[Known]) -> list[Known]:
    """Each medicine once, as what weighs more: one that is still to be handed out before one that is taken already."""
    kept: dict[str, Known] = {}
    for each in known:
        key = each.medicine.atc or each.medicine.name.casefold()
        if key not in kept or (each.medicine.prescribed and not kept[key].medicine.prescribed):
            kept[key] = each
    return [kept[key] for key in sorted(kept)]
