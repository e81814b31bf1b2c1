"""Everything that is kept of one person: what their own exports give, and beside it what only the law keeps."""

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Self, override
from uuid import UUID

from apricot.identity.v1.signing_pb2 import PublicKey
from sqlalchemy import Table
from sqlmodel import SQLModel

from kit.clock import Clock
from kit.database import Database
from kit.exports import as_rows, pages, record_of
from kit.resealing import sealed_columns
from kit.retention import Kind, Retention
from kit.sealed import SealedText
from kit.sealing import SealingKeys
from operations.cut import CALLERS_FIRST
from operations.postgres import connected
from prescribing.genuineness import Keys
from services.consult.rpc import exports as consult
from services.consult.store import attachments
from services.consult.store.tables import AttachmentRow, PrescriptionRow
from services.glucose.rpc import exports as glucose
from services.glucose.store import exports as diary
from services.glucose.store import photos
from services.identity.rpc import account_export as identity
from services.identity.rpc.signing import public_key_message
from services.identity.store import doctor_keys
from services.identity.store.tables import Account
from services.pharmacy.rpc import exports as pharmacy

_BATCH = 200
_THROUGH_OTHERS = {
    "ledger_entry": "order_id in (select order_id from medicine_order where patient_id = $1)",
    "payment_dispute": "payment_id in (select payment_id from payment where patient_id = $1)",
    "audit_event": "actor_id = $1 or patient_id = $1",
}
"""Rows that belong to a person without a `patient_id` that says so."""
_EXPORTED: dict[str, set[str]] = {
    "identity": {"care_grant", "invite"},
    "glucose": {table.name for _, _, table in glucose.KINDS} | {"entry_archive", "photo"},
    "consult": set(),
    "pharmacy": set(),
}
"""Tables that the person's own exports show, but for those that they name themselves."""


class StoredKeys(Keys):
    """Identity's public keys, from its database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def find(self, key_id: str) -> PublicKey | None:
        async with self._database.transaction() as session:
            found = await doctor_keys.page(session, [UUID(key_id)], None, None, 1)
        return public_key_message(found[0]) if found else None


@dataclass(frozen=True)
class Stored:
    """Bytes of a person's in the object store."""

    name: str
    """Of the file they become, without its ending."""
    key: str
    media_type: str


class Person:
    """What the services' databases have of somebody."""

    def __init__(self, databases: dict[str, Database], account: Account, clock: Clock) -> None:
        self._databases = databases
        self._account = account
        self._id = account.account_id
        self._clock = clock
        self.keys = StoredKeys(databases["identity"])

    def records(self) -> Iterator[tuple[str, AsyncIterator[bytes]]]:
        """Files of JSON Lines by their names: first what the person's own exports give, then the further rows."""
        now, kinds = self._clock(), self._kinds()
        yield "identity", identity.record_of(self._databases["identity"], self._account, now)
        yield "glucose", glucose.record_of(self._databases["glucose"], self._id, now)
        for service in "consult", "pharmacy":
            yield service, record_of(self._databases[service], kinds[service], self._id, now)
        for service in CALLERS_FIRST:
            yield f"{service}-rows", self._rows(service)

    async def prescriptions(self) -> AsyncIterator[list[PrescriptionRow]]:
        """Every revision as it was signed, in pages."""
        async for rows in pages(self._databases["consult"], PrescriptionRow, self._id, as_rows):
            yield list(rows)

    async def objects(self) -> AsyncIterator[Stored]:
        """Photos and attachments."""
        async for page in diary.photos(self._databases["glucose"], self._id):
            for photo in page:
                yield Stored(f"photo-{photo.photo_id}", photos.object_key(self._id, photo.photo_id), photo.media_type)
        async for rows in pages(self._databases["consult"], AttachmentRow, self._id, as_rows):
            for row in rows:
                key = attachments.object_key(row.consultation_id, row.attachment_id)
                yield Stored(f"attachment-{row.attachment_id}", key, row.media_type)

    def _kinds(self) -> dict[str, Any]:
        return {"consult": consult.kinds_of(self.keys, self._clock), "pharmacy": pharmacy.kinds_of(self._clock)}

    async def _rows(self, service: str) -> AsyncIterator[bytes]:
        exported = {str(table.__tablename__) for _, table, _ in self._kinds().get(service, ())} | _EXPORTED[service]
        async with connected(self._databases[service].url) as connection, connection.transaction(readonly=True):
            for table, whose in _kept_tables(service):
                if table.name in exported:
                    continue
                query = f"select to_jsonb(one)::text from {table.name} as one where {whose}"  # noqa: S608  our own names
                cursor = await connection.cursor(query, self._id)
                while rows := await cursor.fetch(_BATCH):
                    yield b"".join(_line(table.name, self._opened(service, table, json.loads(row[0]))) for row in rows)

    def _opened(self, service: str, table: Table, record: dict[str, Any]) -> dict[str, Any]:
        """With what is sealed in it as it was; bytes are PostgreSQL's `\\x…`."""
        keys = self._databases[service].sealing
        for name, column in sealed_columns(table).items():
            if isinstance(column, SealedText):
                record[name] = record[name] and column.open(keys, record[name])
            else:
                record[name] = record[name] and rf"\x{column.open(keys, bytes.fromhex(record[name][2:])).hex()}"
        return record


class People:
    """The services' databases."""

    def __init__(self, database_url: str, sealing: SealingKeys, clock: Clock) -> None:
        self._url = database_url
        self._sealing = sealing
        self._clock = clock
        self._stack = AsyncExitStack()
        self.databases: dict[str, Database] = {}

    async def __aenter__(self) -> Self:
        for service in CALLERS_FIRST:
            self.databases[service] = Database(self._url, service, self._sealing, pool_size=2)
            self._stack.push_async_callback(self.databases[service].close)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def find(self, patient_id: UUID) -> Person | None:
        """Somebody who has, or had, an account."""
        async with self.databases["identity"].transaction() as session:
            account = await session.get(Account, patient_id)
        return Person(self.databases, account, self._clock) if account else None


def _kept_tables(service: str) -> Iterable[tuple[Table, str]]:
    """Tables whose rows are somebody's and last, and which of them are $1's."""
    for table in vars(import_module(f"services.{service}.store.tables")).values():
        if not (isinstance(table, type) and issubclass(table, SQLModel) and "__retention__" in vars(table)):
            continue
        retention: Retention = vars(table)["__retention__"]
        kept: Table = vars(table)["__table__"]
        if kept.name in _THROUGH_OTHERS:
            yield kept, _THROUGH_OTHERS[kept.name]
        elif "patient_id" in table.model_fields and retention.kind is not Kind.WORKING:
            yield kept, "patient_id = $1"


def _line(kind: str, record: Any) -> bytes:
    return json.dumps({"kind": kind, "record": record}, ensure_ascii=False).encode() + b"\n"
