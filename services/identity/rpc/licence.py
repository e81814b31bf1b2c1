"""LicenceService: submitted by a professional, reviewed by an admin."""

from datetime import datetime
from uuid import UUID, uuid4

from apricot.access.v1.access_pb2 import Role as RoleEnum
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import licence_pb2
from apricot.identity.v1.licence_pb2 import LicenceState
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, not_found
from kit.idempotency import answer_once
from services.identity import events
from services.identity.domain import licences as rules
from services.identity.domain.indexed import LICENCE_NUMBER
from services.identity.domain.licences import State
from services.identity.domain.roles import Role
from services.identity.rpc.common import Audit, Endings, after, calendar_date, next_page_token, person, plain
from services.identity.rpc.convert import enum_name, licence_message, professional_message
from services.identity.rpc.licence_scans import LicenceScans
from services.identity.store import accounts, licences
from services.identity.store.tables import Licence
from services.identity.vault import Vault


class LicenceService:
    """Licences and their review."""

    def __init__(
        self, database: Database, endings: Endings, audit: Audit, scans: LicenceScans, vault: Vault, clock: Clock
    ) -> None:
        self._database = database
        self._scans = scans
        self._endings = endings
        self._audit = audit
        self._vault = vault
        self._clock = clock

    async def SubmitLicence(
        self, request: licence_pb2.SubmitLicenceRequest, call: Call
    ) -> licence_pb2.SubmitLicenceResponse:
        """A new licence waits for review. Only the reviewer learns whether its number is known."""
        licence = self._licence(request.details, person(call.caller))
        async with self._database.transaction() as session:

            async def work() -> licence_pb2.SubmitLicenceResponse:
                rules.require_live(licence.end_time, licence.submit_time)
                if await accounts.by_id_locked(session, licence.account_id) is None:
                    raise not_found("account")
                if await licences.waiting(session, licence.account_id) >= rules.MAX_WAITING:
                    raise ApricotError(
                        Reason.REASON_TOO_MANY, f"at most {rules.MAX_WAITING} of your licences may wait for review"
                    )
                session.add(licence)
                await session.flush()
                return licence_pb2.SubmitLicenceResponse(licence=licence_message(licence))

            return await answer_once(session, call, request, licence_pb2.SubmitLicenceResponse, work)

    async def AddLicenceScan(
        self, request: licence_pb2.AddLicenceScanRequest, call: Call
    ) -> licence_pb2.AddLicenceScanResponse:
        """Ask `LicenceScans`."""
        return await self._scans.add(request, call)

    async def GetLicenceScan(
        self, request: licence_pb2.GetLicenceScanRequest, call: Call
    ) -> licence_pb2.GetLicenceScanResponse:
        """Ask `LicenceScans`."""
        return await self._scans.get(request, call)

    async def ListLicences(
        self, request: licence_pb2.ListLicencesRequest, call: Call
    ) -> licence_pb2.ListLicencesResponse:
        """The caller's, or for an admin everybody's."""
        account_id = None if call.caller.has(Role.ADMIN) else call.caller.account_id
        state = State(enum_name(LicenceState, "LICENCE_STATE_", request.state)) if request.state else None
        size = paging.page_size(request.page_size)
        async with self._database.transaction() as session:
            rows = await licences.page(session, account_id, state, after(request.page_token, request), size)
            shown = [licence_message(row) for row in rows]
            await self._scans.put_on(session, shown)
        return licence_pb2.ListLicencesResponse(
            licences=shown,
            next_page_token=next_page_token([row.licence_id for row in rows], size, request),
        )

    async def ReviewLicence(
        self, request: licence_pb2.ReviewLicenceRequest, call: Call
    ) -> licence_pb2.ReviewLicenceResponse:
        """Approval gives the role at the next refresh; withdrawal takes it at once, by ending the sessions."""
        decision = State(enum_name(LicenceState, "LICENCE_STATE_", request.decision))
        note, now, ended = plain("note", request.note), self._clock(), list[UUID]()
        async with self._database.transaction() as session:

            async def work() -> licence_pb2.ReviewLicenceResponse:
                licence = await licences.locked(session, UUID(request.licence_id))
                if licence is None:
                    raise not_found("licence")
                if licence.account_id == call.caller.account_id:
                    raise rules.OwnLicence
                reviewed = rules.review(State(licence.state), decision, licence.end_time, now)
                if reviewed is State.APPROVED:
                    await self._free_number(session, licence, now)
                licence.state = reviewed
                licence.review_time, licence.reviewer_id, licence.review_note = now, call.caller.account_id, note
                if decision is State.WITHDRAWN:
                    ended.extend(await self._endings.end(session, licence.account_id))
                events.licence_changed(session, licence.account_id)
                await self._audit.note(session, call, object_id=licence.licence_id)
                return licence_pb2.ReviewLicenceResponse(licence=licence_message(licence))

            answer = await answer_once(session, call, request, licence_pb2.ReviewLicenceResponse, work)
        await self._endings.tell(ended)
        return answer

    async def GetProfessionals(
        self, request: licence_pb2.GetProfessionalsRequest, call: Call
    ) -> licence_pb2.GetProfessionalsResponse:
        """What services may show of these."""
        role = enum_name(RoleEnum, "ROLE_", request.role)
        async with self._database.transaction() as session:
            found = await licences.approved(session, map(UUID, request.account_ids), role)
        return licence_pb2.GetProfessionalsResponse(professionals=[professional_message(*one) for one in found])

    async def _free_number(self, session: AsyncSession, licence: Licence, now: datetime) -> None:
        """Let a renewal take the place of the same professional's licence. Errors: ALREADY_EXISTS: it is another's."""
        found = await licences.approved_of_number(
            session, licence.role, self._vault.indexed(LICENCE_NUMBER, licence.number)
        )
        if found is None:
            return
        if found.account_id != licence.account_id:
            raise ApricotError(Reason.REASON_ALREADY_EXISTS, "that number is approved for another account")
        found.state, found.review_time = State.WITHDRAWN, now
        await session.flush()  # before the renewal is approved: one of a number is, at any instant

    def _licence(self, details: licence_pb2.LicenceDetails, account_id: UUID) -> Licence:
        expiry_date = calendar_date("details.expiry_date", details.expiry_date)
        first = details.first_registration_date
        number = self._vault.indexed(LICENCE_NUMBER, details.number.upper())
        return Licence(
            licence_id=uuid4(),
            account_id=account_id,
            role=enum_name(RoleEnum, "ROLE_", details.role),
            number=number.value,
            number_index=number.index,
            hospital=plain("details.hospital", details.hospital),
            hospital_grade=details.hospital_grade,
            title=plain("details.title", details.title),
            expiry_date=expiry_date,
            end_time=rules.end_of(expiry_date),
            first_registration_date=calendar_date("details.first_registration_date", first) if first else None,
            state=State.SUBMITTED,
            submit_time=self._clock(),
        )
