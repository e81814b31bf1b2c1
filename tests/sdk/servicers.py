"""A platform of scripted servicers, for a real gRPC server."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import grpc
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1 import diary_pb2, diary_pb2_grpc, watch_pb2, watch_pb2_grpc
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.identity.v1 import account_pb2, account_pb2_grpc, auth_pb2, auth_pb2_grpc

from tests.sdk.fake import SESSION_ENDED, Context, Fake, hang, refuse, unimplemented


class Auth(auth_pb2_grpc.AuthServiceServicer):
    """Sign-in that rotates refresh tokens as the contract says."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def RequestCode(self, request: auth_pb2.RequestCodeRequest, context: Context) -> auth_pb2.RequestCodeResponse:
        await self._fake.arrive("RequestCode", request, context, public=True)
        return auth_pb2.RequestCodeResponse(retry_after_seconds=60)

    async def SignIn(self, request: auth_pb2.SignInRequest, context: Context) -> auth_pb2.SignInResponse:
        await self._fake.arrive("SignIn", request, context, public=True)
        if self._fake.totp_needed and not request.totp_code:
            await refuse(Reason.REASON_SECOND_FACTOR_REQUIRED, grpc.StatusCode.UNAUTHENTICATED)(context)
        pair = self._fake.pair()
        if request.HasField("service_secret"):
            pair.refresh_token = ""
            return auth_pb2.SignInResponse(tokens=pair)
        return auth_pb2.SignInResponse(tokens=pair, account=account_pb2.Account(account_id="me"))

    async def RefreshToken(
        self, request: auth_pb2.RefreshTokenRequest, context: Context
    ) -> auth_pb2.RefreshTokenResponse:
        await self._fake.arrive("RefreshToken", request, context, public=True)
        if self._fake.traded.setdefault(request.refresh_token, request.request_id) != request.request_id:
            await SESSION_ENDED(context)
        pair = self._fake.pair()
        await self._fake.leave("RefreshToken", context)
        return auth_pb2.RefreshTokenResponse(tokens=pair)

    async def SignOut(self, request: auth_pb2.SignOutRequest, context: Context) -> auth_pb2.SignOutResponse:
        await self._fake.arrive("SignOut", request, context)
        return auth_pb2.SignOutResponse(ended_session_count=1)

    RotateKeys = ProveIdentity = unimplemented


class Accounts(account_pb2_grpc.AccountServiceServicer):
    """A read and a mutation; the rest answers UNIMPLEMENTED."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def GetMe(self, request: account_pb2.GetMeRequest, context: Context) -> account_pb2.GetMeResponse:
        await self._fake.arrive("GetMe", request, context)
        return account_pb2.GetMeResponse(account=account_pb2.Account(account_id="me"))

    async def UpdateProfile(
        self, request: account_pb2.UpdateProfileRequest, context: Context
    ) -> account_pb2.UpdateProfileResponse:
        await self._fake.arrive("UpdateProfile", request, context)
        return account_pb2.UpdateProfileResponse()

    SetPassword = EnrollTotp = ConfirmTotp = RegisterDevice = ClaimAdmin = unimplemented
    DeleteAccount = unimplemented
    ExportAccount = unimplemented  # type: ignore[assignment]


class Diary(diary_pb2_grpc.DiaryServiceServicer):
    """Keeps entries by id; what it has already is a duplicate."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def LogEntries(self, request: diary_pb2.LogEntriesRequest, context: Context) -> diary_pb2.LogEntriesResponse:
        await self._fake.arrive("LogEntries", request, context)
        results = [
            diary_pb2.EntryResult(entry_id=entry.entry_id, outcome=self._store(entry)) for entry in request.entries
        ]
        await self._fake.leave("LogEntries", context)
        return diary_pb2.LogEntriesResponse(results=results)

    async def UploadEntries(self, request_iterator: Any, context: Context) -> diary_pb2.UploadEntriesResponse:
        await self._fake.arrive("UploadEntries", diary_pb2.UploadEntriesRequest(), context)
        totals = diary_pb2.UploadEntriesResponse()
        async for batch in request_iterator:
            await self._fake.arrive("batch", batch, context)
            for entry in batch.entries:
                self._count(totals, entry)
        await self._fake.leave("UploadEntries", context)
        return totals

    async def ListEntries(
        self, request: diary_pb2.ListEntriesRequest, context: Context
    ) -> diary_pb2.ListEntriesResponse:
        await self._fake.arrive("ListEntries", request, context)
        start, entries = int(request.page_token or 0), list(self._fake.stored.values())
        end = start + 2
        return diary_pb2.ListEntriesResponse(
            entries=entries[start:end], next_page_token=str(end) if end < len(entries) else ""
        )

    AmendEntry = DeleteEntry = ListEntryRevisions = unimplemented

    def _count(self, totals: diary_pb2.UploadEntriesResponse, entry: Entry) -> None:
        totals.received_count += 1
        if entry.note.text == "bad":
            totals.rejected_count += 1
            outcome = diary_pb2.ENTRY_OUTCOME_REJECTED
            totals.problems.add(entry_id=entry.entry_id, outcome=outcome, reason=Reason.REASON_VALUE_IMPOSSIBLE)
        elif self._store(entry) == diary_pb2.ENTRY_OUTCOME_CREATED:
            totals.created_count += 1
        else:
            totals.duplicate_count += 1

    def _store(self, entry: Entry) -> diary_pb2.EntryOutcome.ValueType:
        if entry.entry_id in self._fake.stored:
            return diary_pb2.ENTRY_OUTCOME_DUPLICATE
        self._fake.stored[entry.entry_id] = entry
        return diary_pb2.ENTRY_OUTCOME_CREATED


class Watch(watch_pb2_grpc.WatchServiceServicer):
    """A snapshot for a new watcher, then the log of events behind the resume token, heartbeats between."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def WatchPatients(
        self, request: watch_pb2.WatchPatientsRequest, context: Context
    ) -> AsyncIterator[watch_pb2.WatchPatientsResponse]:
        await self._fake.arrive("WatchPatients", request, context)
        left, cut = self._fake.cuts.popleft() if self._fake.cuts else (-1, hang)
        async for message in self._messages(request):
            if left == 0:
                await cut(context)
            left -= 1
            yield message

    async def _messages(
        self, request: watch_pb2.WatchPatientsRequest
    ) -> AsyncIterator[watch_pb2.WatchPatientsResponse]:
        at = int(request.resume_token or len(self._fake.events))
        if not request.resume_token:
            snapshot = watch_pb2.PatientSnapshot(patient_id=request.patient_ids[0])
            yield watch_pb2.WatchPatientsResponse(resume_token=str(at), snapshot=snapshot)
        while True:
            while at < len(self._fake.events):
                yield self._fake.events[at]
                at += 1
            heartbeat = watch_pb2.WatchPatientsResponse(resume_token=str(at))
            heartbeat.heartbeat.complete_until.FromDatetime(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=at))
            yield heartbeat
            async with self._fake.arrived:
                await self._fake.arrived.wait_for(partial(self._fake.goes_on, at))


def serve(fake: Fake, server: grpc.aio.Server) -> None:
    """Put the platform's services on a server."""
    auth_pb2_grpc.add_AuthServiceServicer_to_server(Auth(fake), server)
    account_pb2_grpc.add_AccountServiceServicer_to_server(Accounts(fake), server)
    diary_pb2_grpc.add_DiaryServiceServicer_to_server(Diary(fake), server)
    watch_pb2_grpc.add_WatchServiceServicer_to_server(Watch(fake), server)
