"""Everything that is kept of one person, for an authority that may ask: a folder with a page to begin with.

The hand-over is an event of the audit before the folder gets its name: what is not in the audit was not handed over.
"""

import base64
import json
import mimetypes
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from apricot.consult.v1.prescription_pb2 import Genuineness, PrescriptionContent
from google.protobuf.message import DecodeError
from pydantic import BaseModel

from kit.clock import utc_now
from kit.objects import Objects
from operations.folder import Listener, NewFolder
from operations.hand_over_page import Signed, page
from operations.kept import People, Person
from operations.manifest import File
from operations.place import Place
from operations.refusals import Reason, Refused
from services.consult.rpc.genuineness import is_as_signed
from services.consult.store.tables import PrescriptionRow
from services.identity.domain.roles import Role
from services.identity.store import accounts, hand_overs

_LONGEST_REASON = 1000


class HandedOver(BaseModel):
    """What the folder says of itself, as `manifest.json`."""

    format: int = 1
    patient_id: UUID
    actor_id: UUID
    """Who handed it over."""
    reason: str
    create_time: datetime
    records: dict[str, int]
    """How many of each kind, in all files."""
    missing: list[str]
    """Photos and attachments whose bytes are not in the object store."""
    files: dict[str, File]


@dataclass(frozen=True)
class Wanted:
    """What is asked for."""

    patient_id: UUID
    actor_id: UUID
    reason: str


async def hand_over(place: Place, wanted: Wanted, out: Path, listener: Listener) -> HandedOver:
    """Write the folder. Errors: NO_REASON, NO_KEY, UNKNOWN_PATIENT, NOT_AN_ADMIN, EXISTS."""
    reason = wanted.reason.strip()
    if not reason or len(reason) > _LONGEST_REASON or not reason.isprintable():
        raise Refused(Reason.NO_REASON, f"say why, in at most {_LONGEST_REASON} characters of one line")
    if place.vault is None:
        raise Refused(Reason.NO_KEY, "APRICOT_IDENTITY_KEY is not set: a hand-over goes into the audit, which it seals")
    if place.sealing_keys is None:
        raise Refused(Reason.NO_KEY, "APRICOT_SEALING_KEYS is not set: most of what is kept is sealed by them")
    async with People(place.database_url, place.sealing_keys, utc_now) as people:
        person = await people.find(wanted.patient_id)
        if person is None:
            raise Refused(Reason.UNKNOWN_PATIENT, "nobody has, or ever had, that id")
        await _require_admin(people, wanted.actor_id)
        folder = NewFolder(out, None, listener)
        writer = _Writer(folder, person, Objects(place.object_store_url))
        await writer.write_all()
        now = utc_now()
        manifest = await writer.describe(wanted, reason, now)
        digest = folder.close(manifest)
        async with people.databases["identity"].transaction() as session:
            await hand_overs.note(
                session,
                place.vault.subkey("audit"),
                patient_id=wanted.patient_id,
                actor_id=wanted.actor_id,
                reason=reason,
                manifest_sha256=digest,
                now=now,
            )
        folder.publish()
    return manifest


async def _require_admin(people: People, actor_id: UUID) -> None:
    async with people.databases["identity"].transaction() as session:
        account = await accounts.by_id(session, actor_id)
        held = await accounts.roles_of(session, actor_id, utc_now()) if account else []
    if Role.ADMIN not in held:
        raise Refused(Reason.NOT_AN_ADMIN, "who hands over has to be an admin")


class _Writer:
    """Writes the files, one after the other."""

    def __init__(self, folder: NewFolder, person: Person, objects: Objects) -> None:
        self._folder = folder
        self._person = person
        self._objects = objects
        self._counts = Counter[str]()
        self._missing = list[str]()
        self._signed = list[Signed]()

    async def write_all(self) -> None:
        """Records, prescriptions as they were signed, photos and attachments."""
        for name, parts in self._person.records():
            await self._write_lines(f"{name}.jsonl", parts)
        await self._write_lines("prescriptions.jsonl", self._prescriptions())
        async for stored in self._person.objects():
            content = await self._objects.get(stored.key)
            if content is None:
                self._missing.append(stored.name)
                continue
            async with self._folder.writing(stored.name + (mimetypes.guess_extension(stored.media_type) or "")) as sink:
                sink.write(content)

    async def describe(self, wanted: Wanted, reason: str, now: datetime) -> HandedOver:
        """The page to begin with, and the manifest over everything."""
        manifest = HandedOver(
            patient_id=wanted.patient_id,
            actor_id=wanted.actor_id,
            reason=reason,
            create_time=now,
            records=dict(sorted(self._counts.items())),
            missing=self._missing,
            files=dict(self._folder.files),
        )
        async with self._folder.writing("index.html") as sink:
            sink.write(page(manifest.model_dump(), self._signed).encode())
        return manifest.model_copy(update={"files": self._folder.files})

    async def _write_lines(self, name: str, parts: AsyncIterator[bytes]) -> None:
        async with self._folder.writing(name) as sink:
            async for part in parts:
                self._counts.update(json.loads(line)["kind"] for line in part.splitlines())
                sink.write(part)

    async def _prescriptions(self) -> AsyncIterator[bytes]:
        async for rows in self._person.prescriptions():
            for row in rows:
                yield await self._signed_line(row)

    async def _signed_line(self, row: PrescriptionRow) -> bytes:
        """What it takes to verify it without the platform, and what was found."""
        key = await self._person.keys.find(str(row.key_id))
        judged = await self._person.keys.judge(row.signed_content, row.signature, str(row.key_id))
        as_signed = await is_as_signed(self._person.keys, row)
        found = Genuineness.Name(judged).removeprefix("GENUINENESS_").lower()
        self._signed.append(_shown(row, found if as_signed else f"{found}, altered"))
        record = {
            "prescriptionId": str(row.prescription_id),
            "revision": row.revision,
            "keyId": str(row.key_id),
            "publicKey": _text(key.public_key) if key else "",
            "signedContent": _text(row.signed_content),
            "signature": _text(row.signature),
            "genuineness": found,
            "asSigned": as_signed,
        }
        return json.dumps({"kind": "signed_prescription", "record": record}).encode() + b"\n"


def _shown(row: PrescriptionRow, found: str) -> Signed:
    try:
        content = PrescriptionContent.FromString(row.signed_content)
    except DecodeError:
        content = PrescriptionContent()
    return Signed(str(row.prescription_id), row.revision, row.create_time, content.doctor_name, found)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
