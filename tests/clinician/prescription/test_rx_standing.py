"""What may be done with a prescription, by where it stands."""

import pytest
from apricot.consult.v1.prescription_pb2 import (
    PRESCRIPTION_STATE_DISPENSED,
    PRESCRIPTION_STATE_EXPIRED,
    PRESCRIPTION_STATE_ISSUED,
    PRESCRIPTION_STATE_REJECTED,
    PRESCRIPTION_STATE_REPEATING,
    PRESCRIPTION_STATE_REPLACED,
    PRESCRIPTION_STATE_REVOKED,
    Prescription,
    PrescriptionState,
)

from clients.clinician.models.prescription.prescriptions import is_revisable, is_revocable


@pytest.mark.parametrize(
    ("state", "revised", "revoked"),
    [
        (PRESCRIPTION_STATE_ISSUED, True, True),
        (PRESCRIPTION_STATE_REPEATING, True, True),
        (PRESCRIPTION_STATE_REJECTED, True, True),
        (PRESCRIPTION_STATE_EXPIRED, False, True),  # what was ordered in time may be on its way
        (PRESCRIPTION_STATE_DISPENSED, False, False),
        (PRESCRIPTION_STATE_REPLACED, False, False),
        (PRESCRIPTION_STATE_REVOKED, False, False),
    ],
)
def test_what_may_be_revised_and_what_revoked(state: PrescriptionState.ValueType, revised: bool, revoked: bool) -> None:
    prescription = Prescription(state=state)
    assert (is_revisable(prescription), is_revocable(prescription)) == (revised, revoked)
    prescription.altered = True
    assert not is_revisable(prescription)
    assert not is_revocable(prescription)
