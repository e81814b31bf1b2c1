"""Consult in this process beside a real identity, on real PostgreSQL and NATS, with one clock that the test moves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from copy import copy
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import grpc
import jwt
from apricot.consult.v1 import health_record_pb2, prescription_pb2
from apricot.consult.v1.health_record_pb2 import HealthFacts, HealthRecord
from apricot.consult.v1.prescription_pb2 import (
    Finding,
    FindingOverride,
    Prescription,
    PrescriptionContent,
    WrittenPrescription,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.signing_pb2_grpc import SigningServiceStub

from kit import contract
from kit.bus import Bus
from kit.call import Call, Caller
from kit.database import Database
from kit.hints import Hints
from kit.outbox import Relay
from kit.service_identity import ServiceIdentity
from prescribing.genuineness import DoctorKeys
from services.consult.events import Telling
from services.consult.rpc.errors import ERRORS
from services.consult.rpc.health_records import HealthRecords
from services.consult.rpc.prescriptions import Prescriptions
from services.consult.rpc.signer import Signed, Signer
from stack.platform import Platform
from tests.consult.prescriptions import consulting
from tests.consult.prescriptions.writing import REASON, facts, request_id, written
from tests.databases import new_database
from tests.identity.running import Person, Running, running_identity, service_secret
from tests.identity.signing import Signing
from tests.in_process import KEYS, refused_by


class _Interrupted(Signer):
    def __init__(self, signer: Signer, then: Callable[[], Awaitable[object]]) -> None:
        self._signer, self._then = signer, then

    async def sign(self, call: Call, content: PrescriptionContent) -> Signed:
        signed = await self._signer.sign(call, content)
        await self._then()
        return signed


class Ward:
    """The services; a doctor who has proven herself, a patient of whom all is known, and their consultation."""

    doctor: Person
    patient: Person
    consultation: str

    def __init__(self, database: Database, bus: Bus, identity: Running, channel: grpc.aio.Channel) -> None:
        self.database = database
        self.identity = identity
        self.clock = identity.clock
        self.signing = Signing(identity, SigningServiceStub(channel))
        self.telling = Telling(Relay(database.url, bus, "consult"), Hints(bus, "consult"))
        self.keys = DoctorKeys(channel)
        self.signer = Signer(ServiceIdentity(channel, "consult", service_secret("consult")), channel)
        self.prescriptions = self._prescriptions(self.signer)
        self._sent, self._preparing = dict[str, bytes](), asyncio.Lock()
        self.records = HealthRecords(database, self.telling, self.keys, self.clock)

    def _prescriptions(self, signer: Signer) -> Prescriptions:
        return Prescriptions(self.database, self.telling, signer, self.keys, self.clock)

    @contextmanager
    def interrupted(self, then: Callable[[], Awaitable[object]]) -> Iterator[None]:
        """Something happens between a signature and its keeping."""
        self.prescriptions = self._prescriptions(_Interrupted(self.signer, then))
        try:
            yield
        finally:
            self.prescriptions = self._prescriptions(self.signer)

    async def fresh(self) -> "Ward":
        """The same services with a doctor, a patient and a consultation of its own."""
        made = copy(self)
        await made.open()
        return made

    async def open(self) -> None:
        self.doctor, self.patient = await self.signing.doctor(), await self.identity.sign_in()
        await self.signing.prove(self.doctor)
        self.consultation = await self.consult()
        await self.put(facts(self.today))

    @property
    def today(self) -> str:
        return self.clock.now.date().isoformat()

    async def consult(self, patient: Person | None = None, doctor: Person | None = None, **changes: Any) -> str:
        """Another consultation."""
        accounts = UUID((patient or self.patient).account_id), UUID((doctor or self.doctor).account_id)
        return str(await consulting.consultation(self.database, *accounts, self.clock.now, **changes))

    def call(self, method: str, by: Person) -> Call:
        """A call as the chain hands it on."""
        made = Call(contract.methods()[f"/apricot.consult.v1.{method}"], "1", token=by.tokens.access_token)
        claims = jwt.decode(by.tokens.access_token, options={"verify_signature": False})
        expire_time = datetime.fromtimestamp(claims["exp"], UTC)
        made.signed_in = Caller(UUID(claims["sub"]), UUID(claims["sid"]), frozenset(claims["roles"]), expire_time)
        return made

    async def check(self, said: WrittenPrescription | None = None, consultation: str = "") -> list[Finding]:
        request = prescription_pb2.CheckPrescriptionRequest(
            consultation_id=consultation or self.consultation, written=said or written()
        )
        call = self.call("PrescriptionService/CheckPrescription", self.doctor)
        return list((await self.prescriptions.CheckPrescription(request, call)).findings)

    async def issue(
        self, said: WrittenPrescription | None = None, by: Person | None = None, *, same: str = "", **fields: Any
    ) -> Prescription:
        given: dict[str, Any] = {"consultation_id": self.consultation} | fields
        reason = given.pop("reason", REASON)
        given["overrides"] = [FindingOverride(finding_key=key, reason=reason) for key in given.get("overrides", ())]
        given["written"], given["request_id"] = said or written(), same or request_id()
        if "content" not in given:
            given["content"] = await self._prepared(given, by or self.doctor)
        request = prescription_pb2.IssuePrescriptionRequest(**given)
        call = self.call("PrescriptionService/IssuePrescription", by or self.doctor)
        return (await self.prescriptions.IssuePrescription(request, call)).prescription

    async def prepare(self, by: Person | None = None, **fields: Any) -> bytes:
        given: dict[str, Any] = {"consultation_id": self.consultation, "written": written()} | fields
        request = prescription_pb2.PreparePrescriptionRequest(**given)
        call = self.call("PrescriptionService/PreparePrescription", by or self.doctor)
        return (await self.prescriptions.PreparePrescription(request, call)).content

    async def _prepared(self, given: dict[str, Any], by: Person) -> bytes:
        """As the app does it: what is to be signed, with the doctor's proof for it. A repeat sends the same."""
        async with self._preparing:
            return await self._prepared_once(given, by)

    async def _prepared_once(self, given: dict[str, Any], by: Person) -> bytes:
        if given["request_id"] not in self._sent:
            names = {"written", "overrides", "expected_revision", "consultation_id"}
            fields = {name: value for name, value in given.items() if name in names}
            if "prescription_id" in given:
                fields["revised_prescription_id"] = given["prescription_id"]
                fields.setdefault("consultation_id", await self._consultation_of(given["prescription_id"]))
            content = await self.prepare(by, **fields)
            await self.signing.proves_for(by, content)
            self._sent[given["request_id"]] = content
        return self._sent[given["request_id"]]

    async def _consultation_of(self, prescription_id: str) -> str:
        statement = "select consultation_id from prescription_revision where prescription_id = $1"
        rows = await self.fetch(statement, UUID(prescription_id))
        return str(rows[0]["consultation_id"]) if rows else self.consultation

    async def revise(
        self, old: Prescription, said: WrittenPrescription | None = None, by: Person | None = None, **fields: Any
    ) -> Prescription:
        given: dict[str, Any] = {"request_id": request_id(), "expected_revision": old.revision} | fields
        given["written"], given["prescription_id"] = said or written(), old.prescription_id
        if "content" not in given:
            given["content"] = await self._prepared(given, by or self.doctor)
        request = prescription_pb2.RevisePrescriptionRequest(**given)
        call = self.call("PrescriptionService/RevisePrescription", by or self.doctor)
        return (await self.prescriptions.RevisePrescription(request, call)).prescription

    async def revoke(self, old: Prescription, by: Person | None = None, same: str = "") -> Prescription:
        request = prescription_pb2.RevokePrescriptionRequest(
            request_id=same or request_id(), prescription_id=old.prescription_id, reason="血糖已经平稳"
        )
        call = self.call("PrescriptionService/RevokePrescription", by or self.doctor)
        return (await self.prescriptions.RevokePrescription(request, call)).prescription

    async def get(self, old: Prescription, by: Person | None = None, revision: int = 0) -> Prescription:
        request = prescription_pb2.GetPrescriptionRequest(prescription_id=old.prescription_id, revision=revision)
        call = self.call("PrescriptionService/GetPrescription", by or self.patient)
        return (await self.prescriptions.GetPrescription(request, call)).prescription

    async def listed(self, by: Person | None = None, **fields: Any) -> prescription_pb2.ListPrescriptionsResponse:
        request = prescription_pb2.ListPrescriptionsRequest(**fields)
        call = self.call("PrescriptionService/ListPrescriptions", by or self.patient)
        return await self.prescriptions.ListPrescriptions(request, call)

    async def verify(self, held: Prescription, **changes: Any) -> prescription_pb2.VerifyPrescriptionResponse:
        given: dict[str, Any] = {
            "signed_content": held.signed_content,
            "signature": held.signature,
            "key_id": held.key_id,
        }
        request = prescription_pb2.VerifyPrescriptionRequest(**(given | changes))
        call = self.call("PrescriptionService/VerifyPrescription", self.patient)
        return await self.prescriptions.VerifyPrescription(request, call)

    async def record(self, by: Person | None = None, consultation: str = "") -> HealthRecord:
        request = health_record_pb2.GetHealthRecordRequest(consultation_id=consultation)
        call = self.call("HealthRecordService/GetHealthRecord", by or self.patient)
        return (await self.records.GetHealthRecord(request, call)).record

    async def put(self, known: HealthFacts, expected: int | None = None, same: str = "") -> HealthRecord:
        request = health_record_pb2.PutHealthRecordRequest(
            request_id=same or request_id(),
            expected_revision=(await self.record()).revision if expected is None else expected,
            facts=known,
        )
        call = self.call("HealthRecordService/PutHealthRecord", self.patient)
        return (await self.records.PutHealthRecord(request, call)).record

    async def revisions(
        self, by: Person | None = None, **fields: Any
    ) -> health_record_pb2.ListHealthRecordRevisionsResponse:
        request = health_record_pb2.ListHealthRecordRevisionsRequest(**fields)
        call = self.call("HealthRecordService/ListHealthRecordRevisions", by or self.patient)
        return await self.records.ListHealthRecordRevisions(request, call)

    async def add(
        self, known: HealthFacts, by: Person | None = None, consultation: str = "", ended: Sequence[str] = ()
    ) -> HealthRecord:
        request = health_record_pb2.AddToHealthRecordRequest(
            request_id=request_id(),
            consultation_id=consultation or self.consultation,
            facts=known,
            ended_entry_ids=ended,
        )
        call = self.call("HealthRecordService/AddToHealthRecord", by or self.doctor)
        return (await self.records.AddToHealthRecord(request, call)).record

    async def fetch(self, statement: str, *values: Any) -> list[Any]:
        async with self.database.connection() as connection:
            return list(await connection.fetch(statement, *values))

    async def tamper(self, statement: str, *values: Any) -> None:
        """As somebody who owns the database: past the triggers."""
        async with self.database.connection() as connection, connection.transaction():
            await connection.execute("set local session_replication_role = replica")
            await connection.execute(statement, *values)


def refused(*reasons: Reason.ValueType) -> AbstractContextManager[dict[str, str]]:
    """The block ends with one of these reasons; gives the metadata."""
    return refused_by(ERRORS, *reasons)


@asynccontextmanager
async def running_ward(engines: Platform) -> AsyncIterator[Ward]:
    """The services on databases of their own."""
    urls = {service: await new_database(engines.database_url, service) for service in ("consult", "identity")}
    database, bus = Database(urls["consult"], "consult", KEYS), await Bus.connect(engines.nats_url, "ward")
    async with (
        running_identity(urls["identity"], engines.nats_url) as identity,
        grpc.aio.insecure_channel(identity.address) as channel,
    ):
        yield Ward(database, bus, identity, channel)
    await bus.close()
    await database.close()
