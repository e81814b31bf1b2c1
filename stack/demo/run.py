"""The demo of `apricot up --demo`: six patients' phones log, and their clinician's ward shows it, all by the gateway."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from apricot.identity.v1.account_pb2 import Profile, UpdateProfileRequest
from google.protobuf.field_mask_pb2 import FieldMask

from clients.sdk import Apricot, ApricotError
from stack.demo.accounts import CLINICIAN_PHONE, PATIENT_PHONES
from stack.demo.clinician import watch_ward
from stack.demo.dataset import DemoPatient, load, split
from stack.demo.entries import DiaryMaker
from stack.demo.history import load_histories
from stack.demo.lapse import REPLAYED_SENSOR
from stack.demo.people import SignedIn
from stack.demo.phone import Phone
from stack.demo.replay import replay
from stack.demo.screen import Lines, Show, screen_for
from stack.demo.ward import Ward
from stack.platform import Platform

_STAGGER = timedelta(seconds=1 / 3)  # so that the six take turns within their 2 s


async def run_demo(platform: Platform) -> None:
    """Until it is cancelled. Live first, then the history."""
    show = Show(Ward(), platform.gateway_address, str(platform.state.logs))
    screen = screen_for(show)
    async with _client(platform) as apricot, asyncio.TaskGroup() as group:
        group.create_task(screen.run())
        clinician = SignedIn(apricot, CLINICIAN_PHONE, screen.say, second_factor=True)
        owners = [SignedIn(apricot, phone, screen.say) for phone in PATIENT_PHONES]
        signing_in = asyncio.gather(clinician.sign_in(), *(owner.sign_in() for owner in owners))
        people = await asyncio.to_thread(load)
        await signing_in
        await asyncio.gather(*(introduce(owner, person) for owner, person in zip(owners, people, strict=True)))
        group.create_task(watch_ward(clinician, show, screen))
        phones = [Phone(owner, screen.say) for owner in owners]
        for index, (phone, person) in enumerate(zip(phones, people, strict=True)):
            group.create_task(_live(phone, person, index * _STAGGER))
        await asyncio.gather(*(phone.has_logged.wait() for phone in phones))
        await _load(owners, people, show, screen)


def _client(platform: Platform) -> Apricot:
    scheme, _, address = platform.gateway_address.partition("://")
    certificate = platform.settings.gateway_tls_cert_file
    return Apricot(address, tls=certificate.read_bytes() if scheme == "https" and certificate else False)


async def introduce(owner: SignedIn, person: DemoPatient) -> None:
    """Tell the account who its owner is; what the profile says already stays."""
    owner.name = person.name
    ...
