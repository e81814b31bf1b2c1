"""The demo's orders go on whatever breaks one off, also one that an earlier run left on its way."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from apricot.identity.v1.account_pb2 import Profile, UpdateProfileRequest
from google.protobuf.field_mask_pb2 import FieldMask

from clients.sdk import Apricot
from stack.board import Board
from stack.demo import errands
from stack.demo.accounts import COURIER_PHONE, PATIENT_PHONES, PHARMACIST_PHONE
from stack.demo.errands import Crew, order_medicine
from stack.demo.people import SignedIn
from stack.demo.screen import Lines, Show
from stack.demo.ward import Ward
from stack.platform import Platform
from tests.patience import PATIENCE

MOST_JOBS = 3
"""Of a courier at a time."""


class Heard(Lines):
    """What the demo says."""

    def __init__(self) -> None:
        self.show = Show(Ward(), "", "")
        super().__init__(self.show, Board())
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def count(self, words: str) -> int:
        """In how many lines they are."""
        return sum(words in line for line in self.said)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errands, "_THINKING_SECONDS", 0)
    monkeypatch.setattr(errands, "_PAUSE_SECONDS", 0)


@pytest.fixture(scope="module")
async def cast(platform: Platform, apricot: Apricot) -> tuple[SignedIn, Crew]:
    """A buyer, and who serves her."""
    buyer, courier = (SignedIn(apricot, phone, print) for phone in (PATIENT_PHONES[0], COURIER_PHONE))
    pharmacist = SignedIn(apricot, PHARMACIST_PHONE, print, second_factor=True)
    for person in buyer, courier, pharmacist:
        await person.sign_in()
    mask, profile = FieldMask(paths=["display_name"]), Profile(display_name="李浩然")
    await buyer.session.account.UpdateProfile(UpdateProfileRequest(profile=profile, update_mask=mask))
    return buyer, Crew(pharmacist, courier, f"http://{platform.part('cashier').program.address}")


async def plays(buyer: SignedIn, crew: Crew, is_enough: Callable[[Heard], bool]) -> Heard:
    """The demo's orders until it is enough, cut off as by Ctrl-C."""
    heard = Heard()
    playing = asyncio.create_task(order_medicine([buyer], crew, heard.show.parcel, heard))
    async with asyncio.timeout(PATIENCE):
        while not is_enough(heard) and not playing.done():
            await asyncio.sleep(0.01)
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing
    return heard


async def test_one_that_breaks_off_is_told_and_the_next_one_comes(cast: tuple[SignedIn, Crew]) -> None:
    buyer, crew = cast
    nobody_there = replace(crew, cashier="http://127.0.0.1:9")
    heard = await plays(buyer, nobody_there, lambda heard: heard.count("the order broke off") > 1)
    assert heard.count(" orders ") > 1


async def test_what_earlier_runs_left_on_its_way_keeps_no_courier_from_the_next(cast: tuple[SignedIn, Crew]) -> None:
    buyer, crew = cast
    for _ in range(MOST_JOBS + 1):
        heard = await plays(buyer, crew, lambda heard: heard.count("on the way") > 0)
        assert not heard.count("broke off"), heard.said
