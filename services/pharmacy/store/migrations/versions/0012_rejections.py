"""Tells consult of the prescriptions that pharmacists rejected before it was told of rejections."""

import sqlalchemy as sa
from alembic import op
from apricot.pharmacy.v1.events_pb2 import PrescriptionRejected

from kit.clock import utc_now
from kit.times import to_timestamp

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_REJECTED = sa.text(
    "select p.patient_id, p.prescription_id, p.revision, max(r.end_time) as end_time from prescription p"
    " left join review r on r.prescription_id = p.prescription_id and r.prescription_revision = p.revision"
    " and r.patient_id = p.patient_id and r.state = 5 where p.state = 4 group by 1, 2, 3"
)
_TELL = sa.text("insert into outbox (subject, payload) values (:subject, :payload)")


def upgrade() -> None:
    connection = op.get_bind()
    for row in connection.execute(_REJECTED):
        event = PrescriptionRejected(
            patient_id=str(row.patient_id),
            prescription_id=str(row.prescription_id),
            revision=row.revision,
            time=to_timestamp(row.end_time or utc_now()),
        )
        subject = f"apricot.pharmacy.prescription.rejected.{row.patient_id}"
        connection.execute(_TELL, {"subject": subject, "payload": event.SerializeToString()})


def downgrade() -> None:
    pass
