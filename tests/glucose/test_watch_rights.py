"""A watch ends when the right to it does, at every replica; and the patient learns who looked."""

import asyncio
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.audit_pb2 import ListAccessEventsRequest
from apricot.identity.v1.organization_pb2 import RemoveMemberRequest

from clients.sdk import ApricotError
from stack.platform import Platform
from tests.glucose.diaries import listed
from tests.glucose.direct import DirectWatch, direct_watch
from tests.patience import PATIENCE
from tests.people import People, Person


class Watches:
    """The same watch, open at both replicas and through the gateway."""

    def __init__(self, platform: Platform, watcher: Person, patients: list[Person]) -> None:
        gateway = platform.gateway_address.removeprefix("http://")
        self._addresses = [*platform.addresses("glucose"), gateway]
        self._watcher = watcher
        self._patients = [patient.account_id for patient in patients]
        self._open = AsyncExitStack()
        self._watches: list[DirectWatch] = []

    async def __aenter__(self) -> "Watches":
        for address in self._addresses:
            opening = direct_watch(address, self._watcher.session, self._patients)
            self._watches.append(await self._open.enter_async_context(opening))
        for watch in self._watches:
            await watch.until_heartbeat()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def end_at(self, change: Awaitable[object]) -> list[ApricotError]:
        """Make the change, and return how each watch ends by it."""
        ends = [asyncio.create_task(watch.end()) for watch in self._watches]
        await change
        return await asyncio.gather(*ends)


@pytest.fixture
async def patient(people: People) -> Person:
    return await people.patient()


@pytest.fixture
async def follower(people: People) -> Person:
    """Who is granted access."""
    return await people.patient()


async def test_revoking_ends_the_watch(platform: Platform, patient: Person, follower: Person) -> None:
    grant = await patient.grant(follower, SCOPE_GLUCOSE_READ)
    async with Watches(platform, follower, [patient]) as watches:
        _all_ended(await watches.end_at(patient.revoke(grant)), patient)
    with pytest.raises(ApricotError) as caught:
        await anext(follower.session.watch([patient.account_id]))
    assert caught.value.reason == Reason.REASON_PATIENT_ACCESS_DENIED


async def test_one_of_six_grants_ends_and_is_named(platform: Platform, people: People, follower: Person) -> None:
    patients = [await people.patient() for _ in range(6)]
    grants = [await patient.grant(follower, SCOPE_GLUCOSE_READ) for patient in patients]
    async with Watches(platform, follower, patients) as watches:
        _all_ended(await watches.end_at(patients[3].revoke(grants[3])), patients[3])


async def test_a_grant_that_ends_by_itself_ends_the_watch(
    platform: Platform, patient: Person, follower: Person
) -> None:
    end = datetime.now(UTC) + timedelta(seconds=2)
    await patient.grant(follower, SCOPE_GLUCOSE_READ, expire_time=end)
    async with Watches(platform, follower, [patient]) as watches:
        _all_ended(await watches.end_at(asyncio.sleep(0)), patient)
    assert datetime.now(UTC) >= end


async def test_another_grant_keeps_the_watch_until_it_ends_itself(
    platform: Platform, patient: Person, follower: Person
) -> None:
    forever = await patient.grant(follower, SCOPE_GLUCOSE_READ)
    end = datetime.now(UTC) + timedelta(seconds=2)
    await patient.grant(follower, SCOPE_GLUCOSE_READ, expire_time=end)
    async with Watches(platform, follower, [patient]) as watches:
        _all_ended(await watches.end_at(patient.revoke(forever)), patient)
    assert datetime.now(UTC) >= end


async def test_who_leaves_the_clinic_watches_no_longer(platform: Platform, people: People, patient: Person) -> None:
    clinician = await people.new_clinician()
    clinic = await people.organization(clinician)
    await patient.grant_organization(clinic, SCOPE_GLUCOSE_READ)
    admin = (await people.admin()).session.organizations
    async with Watches(platform, clinician, [patient]) as watches:
        leave = RemoveMemberRequest(organization_id=clinic, account_id=clinician.account_id, request_id=str(uuid4()))
        _all_ended(await watches.end_at(admin.RemoveMember(leave)), patient)


async def test_signing_out_ends_the_sessions_watches(platform: Platform, patient: Person) -> None:
    async with Watches(platform, patient, [patient]) as watches:
        for error in await watches.end_at(patient.session.sign_out()):
            assert error.reason == Reason.REASON_SESSION_ENDED


async def test_the_patient_sees_who_read_and_not_herself(patient: Person, follower: Person) -> None:
    await patient.grant(follower, SCOPE_GLUCOSE_READ)
    await listed(patient)
    async with patient.session.watch([patient.account_id]) as own:
        await anext(own)
    assert [entry async for entry in follower.session.entries(patient.account_id)] == []
    async with follower.session.watch([patient.account_id]) as watch:
        await anext(watch)
    service = "apricot.glucose.v1"
    expected = {f"{service}.DiaryService/ListEntries", f"{service}.WatchService/WatchPatients"}
    async with asyncio.timeout(PATIENCE):
        while (found := await _uses(patient)).keys() != expected:
            await asyncio.sleep(0.05)
    assert set(found.values()) == {follower.account_id}


async def _uses(patient: Person) -> dict[str, str]:
    """Actor by action of each use of glucose data that the patient is told of."""
    answer = await patient.session.audit.ListAccessEvents(ListAccessEventsRequest())
    return {one.action: one.actor_id for one in answer.events if one.action.startswith("apricot.glucose")}


def _all_ended(errors: list[ApricotError], patient: Person) -> None:
    for error in errors:
        assert error.reason == Reason.REASON_GRANT_ENDED
        assert error.metadata["patient_id"] == patient.account_id
