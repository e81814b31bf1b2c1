"""Qt beside asyncio: the tests' own event loop turns Qt's, so that a test awaits what a window shows.

In the app it is the other way round (`qasync`); models and views cannot tell.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from cryptography.fernet import Fernet
from PySide6.QtCore import QEvent, QSettings
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from clients.clinician.app import dress
from clients.clinician.garbage import collected_between_events
from clients.clinician.models.desk import Desk
from clients.clinician.models.drafts import Drafts
from clients.clinician.models.settings import Settings
from clients.clinician.models.workplace import Workplace
from clients.clinician.views.consult.card_grip import forget_copied
from clients.clinician.views.ending import ended_by_qt
from tests.consult.doctors import listed_doctor
from tests.people import People, Person

type OpenDesk = Callable[[Person], Awaitable[Desk]]

DEPARTMENT = "endocrinology"
_TURN_SECONDS = 0.004


@pytest.fixture(scope="session")
async def application(qapp: QApplication) -> AsyncIterator[QApplication]:
    """The one of this process, whose events are dealt with as long as the tests run."""
    turning = asyncio.create_task(_turn(qapp))
    with collected_between_events():
        yield qapp
    turning.cancel()
    forget_copied()


async def _turn(application: QApplication) -> None:
    while True:
        application.processEvents()
        application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        await asyncio.sleep(_TURN_SECONDS)


class _Bot(QtBot):
    """What stands in no window of the app's is a window of its own here, and ends as those do."""

    def addWidget(self, widget: QWidget, **options: Any) -> None:
        ended_by_qt(widget)
        super().addWidget(widget, **options)


@pytest.fixture
def qtbot(application: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """Pytest-qt's."""
    return _Bot(request)


@pytest.fixture
def settings(application: QApplication, tmp_path: Path) -> Settings:
    """A clinician's who has chosen nothing yet."""
    made = Settings(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    dress(application, made)
    return made


@pytest.fixture
async def open_desk(settings: Settings) -> AsyncIterator[OpenDesk]:
    """Opens the desk of somebody signed in; live, and closed with the test."""
    opened: list[Desk] = []
    failed: list[dict[str, object]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: failed.append(context))

    async def desk_of(person: Person) -> Desk:
        assert person.session.signed_in is not None
        made = Desk(person.session, person.session.signed_in.account, settings)
        opened.append(made)
        made.open()
        return made

    yield desk_of
    for desk in opened:
        await desk.close()
    loop.set_exception_handler(None)
    assert not failed, failed


@pytest.fixture
async def clinician(people: People) -> Person:
    """A clinician of the test's own."""
    return await people.new_clinician()


@pytest.fixture
async def doctor(people: People) -> Person:
    """Whom patients of the department find."""
    return await listed_doctor(people, DEPARTMENT)


@pytest.fixture
async def workplace(doctor: Person, settings: Settings, tmp_path: Path) -> AsyncIterator[Workplace]:
    """The doctor's, of a desk of its own; not open yet."""
    assert doctor.session.signed_in is not None
    desk = Desk(doctor.session, doctor.session.signed_in.account, settings)
    made = Workplace(desk, Drafts(tmp_path / "drafts", doctor.account_id, Fernet.generate_key()))
    yield made
    await made.close()
