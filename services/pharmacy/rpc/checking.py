"""The check of a prescription before anything of it is packed: all of it or none. What cannot be checked blocks."""

import hashlib
from datetime import datetime
from itertools import chain
from typing import NamedTuple

import structlog
from apricot.consult.v1.prescription_pb2 import PrescriptionContent
from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1.review_pb2 import MEDICINE_SOURCE_ORDER, MEDICINE_SOURCE_RECORD, KnownMedicine, ReviewCheck

from formulary.model import Medicine
from kit import telemetry
from kit.errors import ApricotError
from prescribing.checks import counted
from prescribing.genuineness import DoctorKeys
from prescribing.safety import findings_of, patient_of
from services.pharmacy.domain.prescriptions import NotValidError
from services.pharmacy.rpc import known_medicines
from services.pharmacy.rpc.patient_facts import Facts, PatientFacts
from services.pharmacy.rpc.prescription_check import require_genuine
from services.pharmacy.store.order_bodies import item_message
from services.pharmacy.store.review_cases import Case

log = structlog.get_logger()


class Checked(NamedTuple):
    """A check, and what names it: the same as long as all that it was made from is the same."""

    check: ReviewCheck
    digest: bytes


class Checks:
    """Checks prescriptions."""

    def __init__(self, facts: PatientFacts, keys: DoctorKeys) -> None:
        self._facts = facts
        self._keys = keys

    async def run(self, case: Case, now: datetime) -> Checked:
        """Errors: `NotValidError`, UNAVAILABLE: whatever keeps a check from being made, be it a part that does not
        answer or data that cannot be read."""
        try:
            with counted(NotValidError):
                content = await require_genuine(self._keys, case.prescription)
                check = _check(case, content, await self._facts.of(case.review.patient_id, now), now)
        except NotValidError:
            raise
        except Exception as error:
            log.error("a check cannot run", error=type(error).__name__, places=telemetry.places(error))
            raise ApricotError(Reason.REASON_UNAVAILABLE, "a check cannot run, and so nothing is approved") from error
        return Checked(check, hashlib.sha256(check.SerializeToString(deterministic=True)).digest())


def _check(case: Case, content: PrescriptionContent, facts: Facts, now: datetime) -> ReviewCheck:
    codes = [item.atc_code for item in content.written.items]
    known = known_medicines.without_repeats(
        chain(
            known_medicines.of_record(facts.record),
            known_medicines.of_prescriptions(facts.prescriptions, case.review.prescription_id),
            known_medicines.of_order(case.items),
            known_medicines.of_earlier_orders(case.earlier_items),
            known_medicines.of_diary(facts.doses, codes),
        )
    )
    # The record tells of its own, and whether any were recorded; what is ordered beside is checked itself.
    asked_elsewhere = (MEDICINE_SOURCE_RECORD, MEDICINE_SOURCE_ORDER)
    others = [each.medicine for each in known if each.source not in asked_elsewhere]
    beside = [
        Medicine(item.atc_code, item.name_en, item.name_zh, injected=False)  # nobody is sold an injection freely
        for item in case.items
        if not item.prescription_item
    ]
    patient = patient_of(facts.record, content.patient_age_years, others, now)
    return ReviewCheck(
        prescription=content,
        items=[item_message(item, case.order.currency) for item in case.items],
        facts=facts.record,
        medicines=[KnownMedicine(atc_code=m.atc, name=m.name, source=source) for m, source in known],
        findings=findings_of(content.written.items, patient, beside),
    )
