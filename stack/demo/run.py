"""`apricot up --demo`: six patients' phones log, their clinician's ward shows it, and one after the other asks her, all
by the gateway."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apricot.identity.v1.account_pb2 import Profile, UpdateProfileRequest
from google.protobuf.field_mask_pb2 import FieldMask

from clients.sdk import Apricot, ApricotError
from stack.attended import Attended
from stack.board import Board
from stack.demo.accounts import CLINICIAN_PHONE, COURIER_PHONE, PATIENT_PHONES, PHARMACIST_PHONE
from stack.demo.answers import answer_own
from stack.demo.clinician import watch_ward
from stack.demo.consultation import consult
from stack.demo.dataset import DemoPatient, load, split
from stack.demo.entries import DiaryMaker
from stack.demo.errands import Crew, order_medicine
from stack.demo.history import load_histories
from stack.demo.lapse import REPLAYED_SENSOR
from stack.demo.people import SignedIn
from stack.demo.phone import Phone
from stack.demo.replay import replay
from stack.demo.screen import Lines, Show, screen_for
from stack.demo.ward import Ward
from stack.platform import Platform, all_or_first_failure

_SLEEPERS = 2  # never look at their phones: their alerts are passed on to the clinic
_STAGGER = timedelta(seconds=1 / 3)  # so that the six take turns within their 2 s


async def run_demo(platform: Platform, board: Board | None = None) -> None:
    """Until it is cancelled; drawn on the board's terminal if it has one, else told in lines."""
    show, live = show_of(platform), asyncio.Event()
    screen = screen_for(show, board or Board())
    await all_or_first_failure([perform(platform, show, screen, live), _complete(platform, live)])


async def _complete(platform: Platform, live: asyncio.Event) -> None:
    """The ward first: what it does without is started once it lives."""
    await live.wait()
    await platform.complete()


def show_of(platform: Platform) -> Show:
    """An empty ward."""
    logs = platform.state.logs
    here = logs.relative_to(Path.cwd()) if logs.is_relative_to(Path.cwd()) else logs
    return Show(Ward(), platform.gateway_address, str(here))


async def perform(platform: Platform, show: Show, screen: Lines, live: asyncio.Event) -> None:
    """Until it is cancelled: live first, then the history."""
    attended = Attended(platform.state.path).is_held
    async with _client(platform) as apricot, asyncio.TaskGroup() as group:
        group.create_task(screen.run())
        clinician = SignedIn(apricot, CLINICIAN_PHONE, screen.say, second_factor=True)
        clinician.name = "the clinician"
        clinician_signs_in = group.create_task(clinician.sign_in())
        owners = [SignedIn(apricot, phone, screen.say) for phone in PATIENT_PHONES]
        owners_sign_in = asyncio.gather(*(owner.sign_in() for owner in owners))
        people = await asyncio.to_thread(load)
        await owners_sign_in
        # Names first: the clinician's list of patients tells them.
        await asyncio.gather(*(_introduce(owner, person, screen) for owner, person in zip(owners, people, strict=True)))
        for owner in owners[:-_SLEEPERS]:
            group.create_task(answer_own(owner))
        group.create_task(_watch(clinician_signs_in, clinician, show, screen, attended))
        phones = [
            Phone(owner, DiaryMaker(owner.account_id, person.zone, REPLAYED_SENSOR), screen.say)
            for owner, person in zip(owners, people, strict=True)
        ]
        for index, (phone, person) in enumerate(zip(phones, people, strict=True)):
            _, day = split(person, datetime.now(UTC))
            group.create_task(phone.run(replay(day, index * _STAGGER)))
        await asyncio.gather(*(phone.has_logged.wait() for phone in phones))
        live.set()
        await _load(owners, people, show, screen)
        await clinician_signs_in
        await platform.completed.wait()
        group.create_task(consult(owners[:-_SLEEPERS], clinician, show.talk, screen, attended))
        pharmacist = SignedIn(apricot, PHARMACIST_PHONE, screen.say, second_factor=True)
        courier = SignedIn(apricot, COURIER_PHONE, screen.say)
        pharmacist.name, courier.name = "the pharmacist", "the courier"
        await asyncio.gather(pharmacist.sign_in(), courier.sign_in())
        crew = Crew(pharmacist, courier, f"http://{platform.part('cashier').program.address}")
        group.create_task(order_medicine(owners[::-1], crew, show.parcel, screen))


async def _watch(
    signing_in: asyncio.Task[None], clinician: SignedIn, show: Show, screen: Lines, attended: Callable[[], bool]
) -> None:
    """The phones do not wait for the clinician, who may have to wait for a one-time code."""
    await signing_in
    await watch_ward(clinician, show, screen, attended)


def _client(platform: Platform) -> Apricot:
    _, _, address = platform.gateway_address.partition("://")
    return Apricot(address, tls=platform.gateway_ca or False)


async def _introduce(owner: SignedIn, person: DemoPatient, screen: Lines) -> None:
    """Tell the account who its owner is; what the profile says already stays."""
    owner.name = person.name
    wanted = Profile(display_name=person.name, birth_date=f"{person.birth_year}-01-01", time_zone=person.zone)
    present = owner.account.profile
    missing = [field.name for field, _ in wanted.ListFields() if not getattr(present, field.name)]
    if not missing:
        return
    try:
        await owner.session.account.UpdateProfile(
            UpdateProfileRequest(profile=wanted, update_mask=FieldMask(paths=missing))
        )
    except ApricotError as error:
        screen.say(f"{person.name} has no profile yet; the next start tries again: {error}")


async def _load(owners: Sequence[SignedIn], people: Sequence[DemoPatient], show: Show, screen: Lines) -> None:
    def on_progress(done: int, total: int) -> None:
        show.progress = done, total

    began = time.monotonic()
    try:
        loaded = await load_histories(list(zip(owners, people, strict=True)), on_progress)
    except ApricotError as error:
        screen.say(f"the history is not whole; the next start goes on with it: {error}")
    else:
        if loaded:
            screen.say(f"history: {loaded:,} entries loaded in {time.monotonic() - began:.1f} s")
    finally:
        show.progress = None
