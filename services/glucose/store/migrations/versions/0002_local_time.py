"""Entries know the patient's wall clock and the unit as measured, so that SQL can tell days and bands.

Those stored before are read once more, in batches: both lie in their bodies.
"""

import sqlalchemy as sa
from alembic import op
from apricot.glucose.v1.entry_pb2 import Entry

from services.glucose.domain.entries import QUARTER_SECONDS, utc_offset_minutes

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
contracts = "Before the first release: no older version was at work."

_BATCH = 10_000
_NEXT = sa.text("select patient_id, entry_id, body from entry where utc_offset_minutes is null limit :batch")
_FILL = sa.text(
    "update entry set utc_offset_minutes = filled.utc_offset_minutes, unit = nullif(filled.unit, 0) "
    "from unnest(cast(:patients as uuid[]), cast(:entries as uuid[]), cast(:offsets as int2[]), "
    "cast(:units as int2[])) as filled (patient_id, entry_id, utc_offset_minutes, unit) "
    "where entry.patient_id = filled.patient_id and entry.entry_id = filled.entry_id"
)


def upgrade() -> None:
    op.add_column("entry", sa.Column("utc_offset_minutes", sa.SmallInteger(), nullable=True))
    op.add_column("entry", sa.Column("unit", sa.SmallInteger(), nullable=True))
    connection = op.get_bind()
    while rows := connection.execute(_NEXT, {"batch": _BATCH}).all():
        entries = [Entry.FromString(row.body) for row in rows]
        connection.execute(
            _FILL,
            {
                "patients": [row.patient_id for row in rows],
                "entries": [row.entry_id for row in rows],
                "offsets": [
                    utc_offset_minutes(entry.time_zone, entry.time.seconds // QUARTER_SECONDS) for entry in entries
                ],
                "units": [
                    entry.sensor_reading.glucose.unit or entry.fingerstick_reading.glucose.unit for entry in entries
                ],
            },
        )
    op.alter_column("entry", "utc_offset_minutes", nullable=False)


def downgrade() -> None:
    op.drop_column("entry", "unit")
    op.drop_column("entry", "utc_offset_minutes")
