"""A consulting room with a doctor in it."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from clients.clinician.models.consult.consulting import Consulting
from tests.clinician.conftest import OpenDesk
from tests.clinician.consult.arranged_talks import FileDrafts
from tests.people import Person

type OpenRoom = Callable[[Person], Awaitable[Consulting]]


@pytest.fixture
def open_room(open_desk: OpenDesk, tmp_path: Path) -> OpenRoom:
    """Opens somebody's consulting room; opened again, it is the app started anew."""

    async def room_of(person: Person) -> Consulting:
        desk = await open_desk(person)
        room = Consulting(desk, FileDrafts(tmp_path / person.account_id))
        room.open()
        return room

    return room_of
