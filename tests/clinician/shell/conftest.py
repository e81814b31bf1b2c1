"""A keychain in memory, and a workplace with two patients."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import keyring
import pytest
from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from apricot.identity.v1.account_pb2 import Profile, UpdateProfileRequest
from cryptography.fernet import Fernet
from google.protobuf.field_mask_pb2 import FieldMask
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError
from PySide6.QtWidgets import QWidget

from clients.clinician.models.drafts import Drafts
from clients.clinician.models.workplace import Workplace
from tests.clinician.conftest import OpenDesk
from tests.kit.running import until
from tests.people import People, Person

NAMES = "林晓梅", "Oskar Lindqvist"

type Clinic = tuple[Workplace, list[str], Person]


class MemoryKeyring(KeyringBackend):
    """The same calls as an operating system's."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError


@pytest.fixture
def memory_keyring() -> Iterator[MemoryKeyring]:
    before, made = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
async def clinic(people: People, clinician: Person, open_desk: OpenDesk, tmp_path: Path) -> Clinic:
    """A workplace, its patients' ids in the order of `NAMES`, and whose it is."""
    patient_ids = []
    for name in NAMES:
        patient = await people.patient()
        await patient.session.account.UpdateProfile(
            UpdateProfileRequest(profile=Profile(display_name=name), update_mask=FieldMask(paths=["display_name"]))
        )
        await patient.grant(clinician, SCOPE_GLUCOSE_READ)
        patient_ids.append(patient.account_id)
    desk = await open_desk(clinician)
    await until(lambda: len(desk.feed.patients) == len(NAMES))
    return Workplace(desk, Drafts(tmp_path / "drafts", str(uuid4()), Fernet.generate_key())), patient_ids, clinician


async def front(window: QWidget) -> None:
    """Bring it to the front: keys go there."""
    window.show()
    window.activateWindow()
    await until(window.isActiveWindow)
