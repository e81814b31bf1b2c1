"""Operators are told of checks that cannot run, wherever they are made."""

from collections import Counter
from collections.abc import Awaitable

import grpc
import pytest
from apricot.errors.v1.reason_pb2 import Reason
from prometheus_client import REGISTRY

from prescribing.genuineness import DoctorKeys
from services.consult.rpc.prescriptions import Prescriptions
from tests.pharmacy.review.dispensary import Dispensary, refused


def counts() -> Counter[str]:
    """How many checks of this process ended how."""
    (family,) = (each for each in REGISTRY.collect() if each.name == "apricot_prescription_checks")
    return Counter({each.labels["outcome"]: int(each.value) for each in family.samples if each.name.endswith("_total")})


def test_each_outcome_is_told_from_the_start() -> None:
    assert counts().keys() == {"done", "not_valid", "could_not_run"}


async def test_a_pharmacists_checks_by_what_became_of_them(dispensary: Dispensary) -> None:
    told = await dispensary.prescribe()
    order, other = await dispensary.order(told), await dispensary.order(await dispensary.prescribe())
    for each in order, other:
        await dispensary.claim(each)
    before = counts()
    made = await dispensary.check(order)
    await dispensary.approve(order, made.digest)
    assert counts() - before == Counter(done=2)
    made = await dispensary.check(other)
    await dispensary.tamper("update prescription set signature = 'x' where patient_id = $1", dispensary.patient_id)
    for act in dispensary.check(other), dispensary.approve(other, made.digest):
        with refused(Reason.REASON_PRESCRIPTION_NOT_VALID):
            await act
    assert counts() - before == Counter(done=3, not_valid=2)


@pytest.mark.parametrize("service", ["consult", "glucose"])
async def test_a_pharmacists_check_when_a_service_does_not_answer(dispensary: Dispensary, service: str) -> None:
    order = await dispensary.order(await dispensary.prescribe())
    await dispensary.claim(order)
    made = await dispensary.check(order)
    dispensary.lose(service)
    before = counts()
    acts: tuple[Awaitable[object], ...] = dispensary.check(order), dispensary.approve(order, made.digest)
    for act in acts:
        with refused(Reason.REASON_UNAVAILABLE):
            await act
    assert counts() - before == Counter(could_not_run=2)


async def test_a_doctors_check_when_identity_does_not_answer(dispensary: Dispensary) -> None:
    ward = dispensary.ward
    before = counts()
    await ward.issue()
    assert counts() - before == Counter(done=3)  # when it is prepared, before it is signed, and behind
    async with grpc.aio.insecure_channel("127.0.0.1:1") as nowhere:
        ward.prescriptions = Prescriptions(ward.database, ward.telling, ward.signer, DoctorKeys(nowhere), ward.clock)
        with pytest.raises(grpc.aio.AioRpcError):
            await ward.check()  # what is in force already has to be read, and to be genuine
    assert counts() - before == Counter(done=3, could_not_run=1)
