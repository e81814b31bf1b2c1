"""Scans of certificates: made anew, kept for who reviews the licence, and shown."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import licence_pb2
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import pdfs, pictures
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, not_found
from kit.idempotency import answer_once, first_answer
from kit.times import to_timestamp
from services.identity.domain import licences as rules
from services.identity.domain.licences import State
from services.identity.domain.limits import SCANS_PER_ACCOUNT
from services.identity.domain.roles import Role
from services.identity.rpc.common import Audit, Limits, person
from services.identity.store import licence_scans, licences
from services.identity.store.tables import Licence, LicenceScan
from services.identity.vault import Vault

_PURPOSE = "licence-scan"
_OPENED_AT_ONCE = 2
_PDF_HEAD = b"%PDF-"


class LicenceScans:
    """What `LicenceService` does with scans."""

    def __init__(self, database: Database, limits: Limits, audit: Audit, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._limits = limits
        self._audit = audit
        self._vault = vault
        self._clock = clock
        self._opening = asyncio.Semaphore(_OPENED_AT_ONCE)

    async def add(self, request: licence_pb2.AddLicenceScanRequest, call: Call) -> licence_pb2.AddLicenceScanResponse:
        """Keep a scan. The limit counts ahead of the work: to open a file costs a process."""
        account_id, licence_id = person(call.caller), UUID(request.licence_id)
        await self._limits.use((SCANS_PER_ACCOUNT, str(account_id)))
        async with self._database.transaction() as session:
            first = await first_answer(session, call, request, licence_pb2.AddLicenceScanResponse)
            if first is not None:
                return first
            await self._waiting(session, licence_id, account_id)
        async with self._opening:
            media_type, content = await _made_anew(request.content)
        async with self._database.transaction() as session:

            async def work() -> licence_pb2.AddLicenceScanResponse:
                await self._waiting(session, licence_id, account_id)
                if await licence_scans.count(session, licence_id) >= rules.MAX_SCANS:
                    raise ApricotError(Reason.REASON_TOO_MANY, f"a licence has at most {rules.MAX_SCANS} scans")
                scan_id = uuid4()
                scan = LicenceScan(
                    scan_id=scan_id,
                    licence_id=licence_id,
                    media_type=media_type,
                    size_bytes=len(content),
                    vaulted_content=self._vault.seal(_PURPOSE, str(scan_id), content),
                    create_time=self._clock(),
                )
                session.add(scan)
                await session.flush()
                return licence_pb2.AddLicenceScanResponse(scan=_message(scan))

            return await answer_once(session, call, request, licence_pb2.AddLicenceScanResponse, work)

    async def get(self, request: licence_pb2.GetLicenceScanRequest, call: Call) -> licence_pb2.GetLicenceScanResponse:
        """Show a scan to its owner, and to admins, whose looks the owner finds in the audit."""
        licence_id = UUID(request.licence_id)
        async with self._database.transaction() as session:
            licence = await session.get(Licence, licence_id)
            scan = await licence_scans.find(session, licence_id, UUID(request.scan_id))
            is_owner = licence is not None and licence.account_id == call.caller.account_id
            if licence is None or scan is None or not (is_owner or call.caller.has(Role.ADMIN)):
                raise not_found("scan")
            if not is_owner:
                await self._audit.note(session, call, patient_id=licence.account_id, object_id=scan.scan_id)
        content = self._vault.open(_PURPOSE, str(scan.scan_id), scan.vaulted_content)
        return licence_pb2.GetLicenceScanResponse(scan=_message(scan), content=content)

    async def put_on(self, session: AsyncSession, shown: Sequence[licence_pb2.Licence]) -> None:
        """Name the scans of these licences on them."""
        by_id = {licence.licence_id: licence for licence in shown}
        for scan in await licence_scans.of_licences(session, map(UUID, by_id)):
            by_id[str(scan.licence_id)].scans.append(_message(scan))

    async def _waiting(self, session: AsyncSession, licence_id: UUID, account_id: UUID) -> None:
        """Raise NOT_FOUND unless the licence is the account's, WRONG_STATE unless it waits for review. It stays so
        until the transaction ends."""
        licence = await licences.locked(session, licence_id)
        if licence is None or licence.account_id != account_id:
            raise not_found("licence")
        if licence.state != State.SUBMITTED:
            raise ApricotError(Reason.REASON_WRONG_STATE, "the licence was reviewed")


async def _made_anew(content: bytes) -> tuple[str, bytes]:
    """Return what is kept of a file. Raise `NotAPdfError`, `NotAPictureError`, `TooManyPixelsError`; TOO_LARGE."""
    if content.startswith(_PDF_HEAD):
        media_type, made = pdfs.MEDIA_TYPE, await pdfs.made_anew(content)
    else:
        media_type, made = pictures.MEDIA_TYPE, (await pictures.made_anew(content)).content
    if len(made) > rules.MAX_SCAN_BYTES:
        raise ApricotError(Reason.REASON_TOO_LARGE, "a scan has at most 2 MiB once it is made anew")
    return media_type, made


def _message(row: LicenceScan) -> licence_pb2.LicenceScan:
    return licence_pb2.LicenceScan(
        scan_id=str(row.scan_id),
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        create_time=to_timestamp(row.create_time),
    )
