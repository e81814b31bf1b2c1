"""Whether a prescription may be used: what was signed, by a doctor's key, still in force, and not used up."""

from datetime import datetime
from uuid import UUID

from apricot.consult.v1.prescription_pb2 import GENUINENESS_GENUINE, PrescriptionContent
from sqlmodel.ext.asyncio.session import AsyncSession

from prescribing.genuineness import DoctorKeys
from services.pharmacy.domain.prescriptions import NotValidError, Why
from services.pharmacy.store import claims, prescriptions
from services.pharmacy.store.prescription_tables import PrescriptionRow


async def require_valid(
    session: AsyncSession, keys: DoctorKeys, patient_id: UUID, prescription_id: UUID, revision: int, now: datetime
) -> PrescriptionContent:
    """What it says, when the patient may order by it now. Errors: `NotValidError`, `UsedError`, OUTSIDE_POLICY (too
    early for another dispensing; `from` in the metadata); an outage."""
    row = await prescriptions.require_newest(session, patient_id, prescription_id, revision)
    content = await require_genuine(keys, row)
    await claims.next_dispensing(session, patient_id, content, now)
    return content


async def require_genuine(keys: DoctorKeys, row: PrescriptionRow) -> PrescriptionContent:
    """What it says, when it is what was signed, in its own place. Errors: `NotValidError`; an outage."""
    if await keys.judge(row.signed_content, row.signature, str(row.key_id)) != GENUINENESS_GENUINE:
        raise NotValidError("the prescription is not genuine", Why.NOT_GENUINE)
    content = prescriptions.content_of(row)
    in_place = str(row.prescription_id), row.revision, str(row.patient_id)
    if (content.prescription_id, content.revision, content.patient_id) != in_place:
        raise NotValidError("the prescription is another one", Why.NOT_GENUINE)
    return content
