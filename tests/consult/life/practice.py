"""Consultations in this process, on a database of their own, with a clock that the test moves."""

from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from apricot.consult.v1 import consultation_pb2 as pb
from apricot.consult.v1 import rating_pb2
from apricot.consult.v1.consultation_pb2 import CONSULTATION_MODE_TEXT, Consultation, ConsultationMode, Outcome
from apricot.consult.v1.conversation_pb2 import MessageContent
from apricot.errors.v1.reason_pb2 import Reason

from kit import contract
from kit.call import Call, Caller
from kit.database import Database
from kit.profiles import Profile
from services.consult.events import Telling
from services.consult.rpc.consultations import Consultations
from services.consult.rpc.errors import ERRORS
from services.consult.rpc.inboxes import Inboxes
from services.consult.rpc.ratings import Ratings
from services.consult.store.messages import add_message
from services.consult.work.consultations import Timers
from tests.in_process import HandClock, refused_by

DEPARTMENT = "endocrinology"
ADULT = Profile("李小明", date(1980, 5, 1))


class Nobody:
    """A relay, hints and an identity that nobody hears of."""

    def __init__(self) -> None:
        self.on_session_end: list[Any] = []

    def listen(self, key: str, listener: Any) -> AbstractContextManager[None]:
        return nullcontext()

    async def wake(self) -> None:
        return

    async def send(self, key: str, payload: bytes = b"") -> None:
        return


class Practice:
    """The services with one patient and two doctors of a department, whom no other test knows."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = HandClock()
        self.profile = ADULT
        self.department = DEPARTMENT
        nobody = cast(Any, Nobody())
        telling = Telling(nobody, nobody)
        self.inboxes = Inboxes(nobody, nobody)
        self.consultations = Consultations(database, telling, self._own_profile, self.inboxes, self.clock)
        self.ratings = Ratings(database, self.clock)
        self.timers = Timers(database, telling, self.clock)
        self.patient, self.doctor, self.colleague = uuid4(), uuid4(), uuid4()

    async def _own_profile(self, call: Call) -> Profile:
        return self.profile

    async def score(self) -> tuple[float, int]:
        """The doctor's, as the directory shows it, to four places."""
        (row,) = await self.fetch("select rating_average, rating_count from doctor where doctor_id = $1", self.doctor)
        return round(row["rating_average"], 4), row["rating_count"]

    async def answer_minutes(self) -> float | None:
        """The doctor's, as the directory shows them."""
        (row,) = await self.fetch("select answer_minutes from doctor where doctor_id = $1", self.doctor)
        found: float | None = row["answer_minutes"]
        return found

    async def attach(self, consultation: Consultation) -> str:
        """An attachment of the patient's, as the conversation keeps it; its id."""
        attachment = uuid4()
        await self.fetch(
            "insert into attachment (consultation_id, attachment_id, patient_id, uploader_id, kind, media_type, "
            "size_bytes, source_sha256, sha256, width_pixels, height_pixels, create_time) "
            "values ($1, $2, $3, $3, 1, 'image/jpeg', 1, $4, $4, 1, 1, $5)",
            UUID(consultation.consultation_id),
            attachment,
            UUID(consultation.patient_id),
            attachment.bytes,
            self.clock.now,
        )
        return str(attachment)

    async def staffed(self) -> "Practice":
        """With its doctors in the directory."""
        for doctor in self.doctor, self.colleague:
            await self.add_doctor(doctor)
        return self

    async def add_doctor(self, doctor: UUID, department: str = DEPARTMENT, **changes: Any) -> UUID:
        """A listed and entitled doctor, who asks for 30 yuan a text consultation; changes by column."""
        columns: dict[str, Any] = {
            "doctor_id": doctor,
            "display_name": "王医生",
            "title": "主任医师",
            "licence_end_time": self.clock.now + timedelta(days=365),
            "first_registration_date": date(2010, 1, 1),
            "department_code": department,
            "listed": True,
        }
        columns |= changes
        places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
        await self.fetch(f"insert into doctor ({', '.join(columns)}) values ({places})", *columns.values())  # noqa: S608
        await self.fetch("insert into doctor_mode values ($1, $2, 3000, 'CNY')", doctor, int(CONSULTATION_MODE_TEXT))
        return doctor

    def call(self, method: str, by: UUID) -> Call:
        service = "RatingService" if "Rating" in method or method == "RateConsultation" else "ConsultationService"
        made = Call(contract.methods()[f"/apricot.consult.v1.{service}/{method}"], "1")
        roles = frozenset({"patient"} if by == self.patient else {"patient", "clinician"})
        made.signed_in = Caller(by, uuid4(), roles, datetime.max.replace(tzinfo=UTC))
        return made

    async def open(
        self,
        doctor: UUID | None = None,
        *,
        mode: ConsultationMode.ValueType = CONSULTATION_MODE_TEXT,
        by: UUID | None = None,
        **fields: Any,
    ) -> Consultation:
        """With a doctor, or in the pool of the department."""
        given: dict[str, Any] = {"request_id": str(uuid4()), "mode": mode, "complaint": "口渴"}
        given |= {"doctor_id": str(doctor)} if doctor else {"department_code": self.department}
        request = pb.OpenConsultationRequest(**(given | fields))
        call = self.call("OpenConsultation", by or self.patient)
        return (await self.consultations.OpenConsultation(request, call)).consultation

    async def act(self, method: str, consultation: Consultation, by: UUID, **fields: Any) -> Consultation:
        """A method that changes a consultation."""
        request = getattr(pb, f"{method}Request")(
            request_id=str(uuid4()), consultation_id=consultation.consultation_id, **fields
        )
        answer = await getattr(self.consultations, method)(request, self.call(method, by))
        return cast(Consultation, answer.consultation)

    async def claim(self, consultation: Consultation, by: UUID | None = None) -> Consultation:
        return await self.act("ClaimConsultation", consultation, by or self.doctor)

    async def decline(self, consultation: Consultation, by: UUID | None = None, note: str = "") -> Consultation:
        return await self.act("DeclineConsultation", consultation, by or self.doctor, note=note)

    async def cancel(self, consultation: Consultation) -> Consultation:
        return await self.act("CancelConsultation", consultation, self.patient)

    async def invite(self, consultation: Consultation, colleague: UUID | None = None) -> Consultation:
        return await self.act("InviteColleague", consultation, self.doctor, doctor_id=str(colleague or self.colleague))

    async def decide(self, consultation: Consultation, **fields: Any) -> Consultation:
        return await self.act("DecideEligibility", consultation, self.doctor, **fields)

    async def close(self, consultation: Consultation, by: UUID | None = None, **outcome: Any) -> Consultation:
        said = Outcome(**({"summary": "复诊"} | outcome))
        return await self.act("CloseConsultation", consultation, by or self.doctor, outcome=said)

    async def say(self, consultation: Consultation, by: UUID) -> None:
        """A message, as the conversation keeps it."""
        async with self.database.transaction() as session:
            await add_message(
                session,
                UUID(consultation.patient_id),
                UUID(consultation.consultation_id),
                MessageContent(text="你好"),
                self.clock(),
                sender_id=by,
            )

    async def get(self, consultation: Consultation, by: UUID | None = None) -> Consultation:
        request = pb.GetConsultationRequest(consultation_id=consultation.consultation_id)
        call = self.call("GetConsultation", by or self.patient)
        return (await self.consultations.GetConsultation(request, call)).consultation

    async def listed(self, by: UUID, **fields: Any) -> pb.ListConsultationsResponse:
        request = pb.ListConsultationsRequest(**fields)
        return await self.consultations.ListConsultations(request, self.call("ListConsultations", by))

    async def pool(self, by: UUID) -> list[str]:
        """The pool that a doctor sees, of this practice's patients."""
        found = (await self.listed(by, pool=True, page_size=1000)).consultations
        return [each.consultation_id for each in found]

    async def rate(self, consultation: Consultation, stars: int = 5, comment: str = "", by: UUID | None = None) -> Any:
        request = rating_pb2.RateConsultationRequest(
            request_id=str(uuid4()), consultation_id=consultation.consultation_id, stars=stars, comment=comment
        )
        call = self.call("RateConsultation", by or self.patient)
        return (await self.ratings.RateConsultation(request, call)).rating

    async def pushed(self, consultation: Consultation) -> list[UUID]:
        """To whom there were pushes about it, in order."""
        rows = await self.fetch(
            "select account_id from push where reference_id = $1 and kind = 'consultation' order by id",
            UUID(consultation.consultation_id),
        )
        return [row["account_id"] for row in rows]

    async def events(self, consultation: Consultation) -> list[str]:
        """Noun and event of what was published about the patient, in order, without uses."""
        rows = await self.fetch(
            "select subject from outbox where subject like '%' || $1 and subject not like '%access.used%' order by id",
            consultation.patient_id,
        )
        return [".".join(row["subject"].split(".")[2:4]) for row in rows]

    async def fetch(self, statement: str, *values: Any) -> list[Any]:
        async with self.database.connection() as connection:
            return list(await connection.fetch(statement, *values))


SHARED = [SCOPE_GLUCOSE_READ]


def refused(*reasons: Reason.ValueType) -> AbstractContextManager[dict[str, str]]:
    """The block ends with one of these reasons."""
    return refused_by(ERRORS, *reasons)
