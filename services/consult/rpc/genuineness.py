"""Whether what is kept of a prescription is what was signed."""

from uuid import UUID

from apricot.consult.v1.prescription_pb2 import GENUINENESS_GENUINE, PrescriptionContent

from kit.times import to_datetime
from prescribing.genuineness import Keys
from services.consult.store.prescription_tables import PrescriptionRow


async def is_as_signed(keys: Keys, row: PrescriptionRow) -> bool:
    """Whether a row is what was signed, in its own place, with its own end. Errors: an outage."""
    if await keys.judge(row.signed_content, row.signature, str(row.key_id)) != GENUINENESS_GENUINE:
        return False
    content = PrescriptionContent.FromString(row.signed_content)
    return (
        (row.prescription_id, row.revision) == (UUID(content.prescription_id), content.revision)
        and row.patient_id == UUID(content.patient_id)
        and row.consultation_id == UUID(content.consultation_id)
        and row.doctor_id == UUID(content.doctor_id)
        and row.create_time == to_datetime(content.issue_time)
        and row.expire_time == to_datetime(content.expire_time)
    )
