"""Consultations under way, arranged in the database."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from apricot.consult.v1 import call_pb2
from apricot.consult.v1.call_pb2 import CALL_MEDIA_AUDIO, CallMedia
from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_MODE_VIDEO,
    CONSULTATION_STATE_ACTIVE,
    MEMBER_ROLE_COLLEAGUE,
    MEMBER_ROLE_DOCTOR,
    MEMBER_ROLE_PATIENT,
    ConsultationMode,
)

from kit.database import Database
from tests.people import Person


@dataclass(frozen=True)
class Device:
    """Somebody's device in a consultation."""

    person: Person
    consultation_id: str
    device_id: str

    @classmethod
    def of(cls, person: Person, consultation_id: str) -> "Device":
        return cls(person, consultation_id, str(uuid4()))

    async def join(self, media: CallMedia.ValueType = CALL_MEDIA_AUDIO) -> call_pb2.JoinCallResponse:
        return await self.person.session.consult_calls.JoinCall(
            call_pb2.JoinCallRequest(
                request_id=str(uuid4()), consultation_id=self.consultation_id, device_id=self.device_id, media=media
            )
        )

    async def leave(self, call_id: str) -> call_pb2.Call:
        request = call_pb2.LeaveCallRequest(
            request_id=str(uuid4()),
            consultation_id=self.consultation_id,
            call_id=call_id,
            device_id=self.device_id,
        )
        return (await self.person.session.consult_calls.LeaveCall(request)).call

    async def calls(self) -> list[call_pb2.Call]:
        request = call_pb2.ListCallsRequest(consultation_id=self.consultation_id)
        return list((await self.person.session.consult_calls.ListCalls(request)).calls)


async def arrange_consultation(
    database: Database,
    patient: Person | str,
    doctor: Person | str,
    *colleagues: Person | str,
    mode: ConsultationMode.ValueType = CONSULTATION_MODE_VIDEO,
) -> str:
    """A consultation that a doctor has taken; its id."""
    consultation, patient_id = uuid4(), _account(patient)
    async with database.connection() as connection:
        await connection.execute(
            "insert into consultation (consultation_id, patient_id, patient_name, doctor_id, department_code, mode,"
            " state, pool, escalation_level, complaint, fee_minor, currency, fee_state, shared_scopes, last_sequence,"
            " create_time, claim_time, expire_time, update_time) values ($1, $2, 'P', $3, 'endocrinology', $4, $5,"
            " false, 0, 'thirst', 0, 'CNY', 0, '{}', 0, now(), now(), now() + interval '1 day', now())",
            consultation,
            patient_id,
            _account(doctor),
            int(mode),
            int(CONSULTATION_STATE_ACTIVE),
        )
        members = [(patient_id, MEMBER_ROLE_PATIENT), (_account(doctor), MEMBER_ROLE_DOCTOR)]
        members += [(_account(colleague), MEMBER_ROLE_COLLEAGUE) for colleague in colleagues]
        await connection.executemany(
            "insert into member (consultation_id, account_id, patient_id, role, display_name, join_time,"
            " delivered_sequence, read_sequence) values ($1, $2, $3, $4, 'M', now(), 0, 0)",
            [(consultation, account, patient_id, int(role)) for account, role in members],
        )
    return str(consultation)


def _account(person: Person | str) -> UUID:
    return UUID(person if isinstance(person, str) else person.account_id)
