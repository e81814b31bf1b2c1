"""Refills on the whole platform: the worker asks glucose, and the gateway lets in whom the patient lets in."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from apricot.access.v1.access_pb2 import SCOPE_DOSE_READ, SCOPE_GLUCOSE_READ
from apricot.identity.v1.account_pb2 import DeleteAccountRequest, SetPasswordRequest
from apricot.pharmacy.v1 import refill_pb2 as pb

from clients.sdk import ApricotError, Reason
from kit.database import Database
from services.pharmacy.store.tables import SupplyRow
from tests.glucose.diaries import ago, log
from tests.in_process import HandClock
from tests.kit.running import until
from tests.people import PASSWORD, People, Person
from tests.pharmacy.refill.dispensary import METFORMIN, Dispensary, prescribed, tablets


@pytest.fixture
def shared(pharmacy_database: Database) -> Dispensary:
    """On the platform's own database, where its worker looks; no diary is asked in this process."""
    return Dispensary(pharmacy_database, None, HandClock(datetime.now(UTC) - timedelta(days=2)))  # type: ignore[arg-type]


async def supplies(caller: Person, patient: Person) -> list[pb.Supply]:
    request = pb.ListSuppliesRequest(patient_id=patient.account_id)
    return list((await caller.session.refills.ListSupplies(request)).supplies)


async def with_metformin(shared: Dispensary, patient: Person) -> None:
    account = UUID(patient.account_id)
    prescription = await shared.prescribe(account, prescribed(METFORMIN, "500", "mg"))
    await shared.deliver(account, METFORMIN, prescription=prescription)


async def test_the_worker_asks_the_diary_and_a_clinician_sees_what_is_granted(
    shared: Dispensary, people: People
) -> None:
    patient, clinician = await people.patient(), await people.clinician()
    await log(patient, tablets(ago(10), "4"))
    await with_metformin(shared, patient)

    async def looked() -> bool:
        return any(found.HasField("look_time") for found in await supplies(patient, patient))

    await until(looked)
    (found,) = await supplies(patient, patient)
    assert (found.basis, found.state) == (pb.SUPPLY_BASIS_MEASURED, pb.SUPPLY_STATE_ENOUGH)

    with pytest.raises(ApricotError) as caught:
        await supplies(clinician, patient)
    assert caught.value.reason == Reason.REASON_PATIENT_ACCESS_DENIED
    await patient.grant(clinician, SCOPE_GLUCOSE_READ)
    with pytest.raises(ApricotError) as caught:
        await supplies(clinician, patient)
    assert caught.value.reason == Reason.REASON_PATIENT_ACCESS_DENIED
    grant = await patient.grant(clinician, SCOPE_DOSE_READ)
    assert await supplies(clinician, patient) == [found]
    await patient.revoke(grant)

    async def refused() -> bool:
        try:
            await supplies(clinician, patient)
        except ApricotError as error:
            return error.reason == Reason.REASON_PATIENT_ACCESS_DENIED
        return False

    await until(refused)


async def test_one_orders_again_and_exports_through_the_gateway(shared: Dispensary, people: People) -> None:
    patient = await people.patient()
    await with_metformin(shared, patient)
    request = pb.PrepareReorderRequest(atc_code=METFORMIN.atc_code)
    assert (await patient.session.refills.PrepareReorder(request)).needs_prescription
    content = b"".join([part async for part in patient.session.export_pharmacy_record()])
    assert [line.split(b'"')[3] for line in content.splitlines()] == [b"export", b"order", b"supply", b"supply_lot"]


async def test_patients_see_no_warnings(people: People) -> None:
    patient = await people.patient()
    with pytest.raises(ApricotError) as caught:
        await patient.session.refills.ListSupplyWarnings(pb.ListSupplyWarningsRequest())
    assert caught.value.reason == Reason.REASON_ROLE_REQUIRED


async def test_a_deleted_account_s_supplies_are_looked_at_no_more(shared: Dispensary, people: People) -> None:
    patient = await people.patient()
    await with_metformin(shared, patient)
    await delete(patient)

    async def is_forgotten() -> bool:
        async with shared.database.transaction() as session:
            found = await session.get(SupplyRow, (UUID(patient.account_id), METFORMIN.atc_code))
            return found is not None and found.due_time is None

    await until(is_forgotten)


async def delete(person: Person) -> None:
    account = person.session.account
    await account.SetPassword(SetPasswordRequest(request_id=str(uuid4()), new_password=PASSWORD))
    await account.DeleteAccount(DeleteAccountRequest(request_id=str(uuid4()), password=PASSWORD))
