"""SecurityService: what keeps an account its owner's."""

from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2, auth_pb2, security_pb2
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, not_allowed, not_found
from kit.idempotency import answer_once, first_answer
from kit.times import to_timestamp
from services.identity.demo import is_demo_phone
from services.identity.domain import proofs as rules
from services.identity.domain.indexed import PHONE
from services.identity.domain.limits import Limit
from services.identity.domain.notices import Act
from services.identity.rpc.common import Audit, Endings, after, caller_locked, next_page_token
from services.identity.rpc.convert import account_message, enum_value
from services.identity.rpc.credentials import Credentials
from services.identity.rpc.first_factor import FirstFactor, Proof
from services.identity.rpc.fresh_proofs import FreshProofs, without_proof
from services.identity.store import accounts, codes, devices, owner_notices, recovery_codes, sessions
from services.identity.store.tables import Account, Device, Session
from services.identity.vault import Vault


class SecurityService:
    """Recovery codes, sessions, devices and the phone of the caller's own account."""

    def __init__(
        self,
        database: Database,
        credentials: Credentials,
        proofs: FreshProofs,
        first_factor: FirstFactor,
        per_address: Limit,
        endings: Endings,
        audit: Audit,
        vault: Vault,
        clock: Clock,
    ) -> None:
        self._database = database
        self._credentials = credentials
        self._proofs = proofs
        self._first_factor = first_factor
        self._per_address = per_address
        self._endings = endings
        self._audit = audit
        self._vault = vault
        self._clock = clock

    async def RenewRecoveryCodes(
        self, request: security_pb2.RenewRecoveryCodesRequest, call: Call
    ) -> security_pb2.RenewRecoveryCodesResponse:
        """Ask `Credentials`."""
        return await self._credentials.renew_recovery_codes(request, call)

    async def ListSessions(
        self, request: security_pb2.ListSessionsRequest, call: Call
    ) -> security_pb2.ListSessionsResponse:
        """The live ones, newest first."""
        account_id, size = call.caller.account_id, paging.page_size(request.page_size)
        async with self._database.transaction() as session:
            behind = after(request.page_token, request)
            rows = await sessions.live_page(session, account_id, self._clock(), behind, size)
        return security_pb2.ListSessionsResponse(
            sessions=[_session_message(row, call.caller.session_id) for row in rows],
            next_page_token=next_page_token([row.session_id for row in rows], size, request),
        )

    async def EndSession(self, request: security_pb2.EndSessionRequest, call: Call) -> security_pb2.EndSessionResponse:
        """End one session of the account's."""
        session_id, ended = UUID(request.session_id), list[UUID]()
        async with self._database.transaction() as session:
            account = await caller_locked(session, call)
            await self._proofs.require(session, call, request.fresh_proof)

            async def work() -> security_pb2.EndSessionResponse:
                ended.extend(await self._endings.end(session, account.account_id, only=session_id))
                if not ended:
                    raise not_found("session")
                await self._told(session, account, Act.SESSION_ENDED, call, session_id)
                return security_pb2.EndSessionResponse()

            known_by = without_proof(request)
            answer = await answer_once(session, call, known_by, security_pb2.EndSessionResponse, work)
        await self._endings.tell(ended)
        return answer

    async def ListDevices(
        self, request: security_pb2.ListDevicesRequest, call: Call
    ) -> security_pb2.ListDevicesResponse:
        """Newest first."""
        size = paging.page_size(request.page_size)
        async with self._database.transaction() as session:
            rows = await devices.page(session, call.caller.account_id, after(request.page_token, request), size)
        return security_pb2.ListDevicesResponse(
            devices=map(_device_message, rows),
            next_page_token=next_page_token([row.device_id for row in rows], size, request),
        )

    async def RemoveDevice(
        self, request: security_pb2.RemoveDeviceRequest, call: Call
    ) -> security_pb2.RemoveDeviceResponse:
        """A thief who removed it would silence its alarms: a proof is asked, and the phone is told."""
        async with self._database.transaction() as session:
            account = await caller_locked(session, call)
            await self._proofs.require(session, call, request.fresh_proof)

            async def work() -> security_pb2.RemoveDeviceResponse:
                device_id = UUID(request.device_id)
                if not await devices.remove(session, account.account_id, device_id):
                    raise not_found("device")
                await self._told(session, account, Act.DEVICE_REMOVED, call, device_id)
                return security_pb2.RemoveDeviceResponse()

            known_by = without_proof(request)
            return await answer_once(session, call, known_by, security_pb2.RemoveDeviceResponse, work)

    async def ChangePhone(
        self, request: security_pb2.ChangePhoneRequest, call: Call
    ) -> security_pb2.ChangePhoneResponse:
        """Both phones are proven: the old one, or a second factor, by the proof; the new one by its code."""
        ended = list[UUID]()
        known_by = security_pb2.ChangePhoneRequest(request_id=request.request_id, phone=request.phone)
        async with self._database.transaction() as session:
            await self._proofs.require(session, call, request.fresh_proof)
            first = await first_answer(session, call, known_by, security_pb2.ChangePhoneResponse)
        if first is not None:  # its code is used up
            return first
        credential = auth_pb2.SignInRequest(phone_code=auth_pb2.PhoneCode(phone=request.phone, code=request.code))
        new = await self._first_factor.check(credential, call.peer_network, self._per_address)
        async with self._database.transaction() as session:
            account = await caller_locked(session, call)
            shown = await self._proofs.require(session, call, request.fresh_proof)

            async def work() -> security_pb2.ChangePhoneResponse:
                rules.require_for_new_phone(shown.shown)
                ended.extend(await self._move(session, account, new, call))
                return security_pb2.ChangePhoneResponse(account=await self._message(session, account))

            answer = await answer_once(session, call, known_by, security_pb2.ChangePhoneResponse, work)
        await self._endings.tell(ended)
        return answer

    async def _move(self, session: AsyncSession, account: Account, new: Proof, call: Call) -> list[UUID]:
        """Give the account the new phone; return the sessions that ended."""
        if is_demo_phone(account.phone) or is_demo_phone(new.phone.value):
            raise not_allowed("a demo account keeps its phone")
        await self._first_factor.spend(session, new)
        if await accounts.by_phone(session, new.phone) is not None:
            raise _phone_in_use()
        owner_notices.add(session, account, Act.PHONE_CHANGED, self._clock())  # to the old one
        await codes.forget(session, self._vault.indexed(PHONE, account.phone))
        account.phone, account.phone_index = new.phone.value, new.phone.index
        try:
            await session.flush()
        except IntegrityError as error:  # somebody signed in by that phone at the same time
            raise _phone_in_use() from error
        ended = await self._endings.end(session, account.account_id, keep=call.caller.session_id)
        await self._told(session, account, Act.PHONE_CHANGED, call, account.account_id)
        return list(ended)

    async def _told(self, session: AsyncSession, account: Account, act: Act, call: Call, object_id: UUID) -> None:
        """Tell the owner, and note it in the audit."""
        owner_notices.add(session, account, act, self._clock())
        await self._audit.note(session, call, object_id=object_id)

    async def _message(self, session: AsyncSession, account: Account) -> account_pb2.Account:
        held = await accounts.roles_of(session, account.account_id, self._clock())
        has_second_factor = await accounts.has_second_factor(session, account.account_id)
        return account_message(account, held, has_second_factor, await recovery_codes.left(session, account.account_id))


def _phone_in_use() -> ApricotError:
    return ApricotError(Reason.REASON_ALREADY_EXISTS, "that phone has an account")


def _session_message(row: Session, current: UUID) -> security_pb2.Session:
    return security_pb2.Session(
        session_id=str(row.session_id),
        device_name=row.device_name,
        create_time=to_timestamp(row.create_time),
        refresh_time=to_timestamp(row.trade_time or row.create_time),
        expire_time=to_timestamp(row.refresh_expire_time),
        second_factor=row.second_factor,
        current=row.session_id == current,
    )


def _device_message(row: Device) -> security_pb2.Device:
    return security_pb2.Device(
        device_id=str(row.device_id),
        platform=enum_value(account_pb2.DevicePlatform, "DEVICE_PLATFORM_", row.platform),
        name=row.name,
        create_time=to_timestamp(row.create_time),
    )
