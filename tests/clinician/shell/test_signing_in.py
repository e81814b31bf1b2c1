"""Signing in with keys, on the real platform: each refusal at its field."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import keyring
import pytest
from keyring.backends import fail
from keyring.errors import PasswordSetError
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from clients.clinician.models.keychain import Keychain
from clients.clinician.models.saved_session import SessionStore
from clients.clinician.models.settings import Settings
from clients.clinician.models.sign_in import Cause, SignedIn, SignIn, Step
from clients.clinician.views.sign_in.sign_in_window import SignInWindow
from clients.sdk import Apricot, Pace, Reason, SavedSession
from tests.clinician.shell.conftest import MemoryKeyring
from tests.kit.running import until
from tests.people import PASSWORD, People, Person, new_phone


class Desk:
    """The window, and fingers."""

    def __init__(self, qtbot: QtBot, apricot: Apricot) -> None:
        self.keychain = Keychain()
        self.store = SessionStore(self.keychain, "test")
        self.sign_in = SignIn(apricot, self.store)
        self.window = SignInWindow(self.sign_in)
        self.signed_in: list[SignedIn] = []
        self.sign_in.signed_in.connect(self.signed_in.append)
        self._qtbot = qtbot
        qtbot.addWidget(self.window)
        self.window.show()

    def type(self, text: str) -> None:
        """Into the field, and Enter."""
        self.window.field.clear()
        self._qtbot.keyClicks(self.window.field, text)
        self._qtbot.keyClick(self.window.field, Qt.Key.Key_Return)

    def press(self, text: str) -> None:
        button = next(each for each in self.window.findChildren(QPushButton) if each.text().startswith(text))
        self._qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    async def reaches(self, step: Step) -> None:
        await until(lambda: self.sign_in.step is step and not self.sign_in.busy)

    async def refused(self, reason: Reason.ValueType) -> None:
        def told() -> bool:
            refusal = self.sign_in.refusal
            return refusal is not None and refusal.error is not None and refusal.error.reason == reason

        await until(told)
        assert self.window.problem.isVisible()


type OpenWindow = Callable[[Apricot], Awaitable[Desk]]


@pytest.fixture
async def open_window(qtbot: QtBot, settings: Settings, memory_keyring: MemoryKeyring) -> AsyncIterator[OpenWindow]:
    opened: list[Desk] = []

    async def made(apricot: Apricot) -> Desk:
        opened.append(Desk(qtbot, apricot))
        return opened[-1]

    yield made
    for desk in opened:
        await desk.sign_in.close()
        await desk.store.close()
        for signed_in in desk.signed_in:
            await signed_in.session.close()


async def test_by_password_and_second_factor(
    open_window: OpenWindow, apricot: Apricot, clinician: Person, memory_keyring: MemoryKeyring
) -> None:
    desk = await open_window(apricot)
    desk.type("12")
    assert desk.sign_in.refusal is not None
    assert desk.sign_in.refusal.cause is Cause.PHONE_MALFORMED
    desk.window.field.setText(clinician.phone)
    desk.press("Use my password")
    await desk.reaches(Step.PASSWORD)
    desk.type("wrong password")
    await desk.refused(Reason.REASON_CREDENTIALS_INVALID)
    await desk.reaches(Step.PASSWORD)
    desk.type(PASSWORD)
    await desk.reaches(Step.SECOND_FACTOR)
    desk.type("000000")
    await desk.refused(Reason.REASON_SECOND_FACTOR_INVALID)
    await desk.reaches(Step.SECOND_FACTOR)
    assert clinician.authenticator is not None
    desk.type(clinician.authenticator.code())
    await until(lambda: bool(desk.signed_in))
    assert desk.signed_in[0].account.account_id == clinician.account_id
    await desk.store.close()
    assert not memory_keyring.kept, "she did not ask to stay"


async def test_without_a_keychain_nobody_is_promised_to_stay(
    open_window: OpenWindow, apricot: Apricot, memory_keyring: MemoryKeyring
) -> None:
    desk = await open_window(apricot)
    window = desk.window
    desk.sign_in.use_password(new_phone())
    assert window.stay.isEnabled()
    assert not window.kept.isVisible()
    window.stay.setChecked(True)
    keyring.set_keyring(fail.Keyring())
    assert await desk.store.load() is None
    assert (window.stay.isEnabled(), window.stay.isChecked(), window.kept.isVisible()) == (False, False, True)
    keyring.set_keyring(memory_keyring)
    await desk.store.load()
    assert window.stay.isEnabled()
    assert not window.kept.isVisible()


async def test_a_session_that_was_not_kept_is_told_at_the_next_sign_in(
    open_window: OpenWindow, apricot: Apricot, memory_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: str) -> None:
        raise PasswordSetError

    desk = await open_window(apricot)
    desk.store.staying = True
    monkeypatch.setattr(memory_keyring, "set_password", refuse)
    desk.store.keep(SavedSession("a refresh token", "a device"))
    await desk.store.close()
    await desk.store.load()
    desk.sign_in.use_password(new_phone())
    assert desk.window.kept.isVisible()
    assert desk.window.stay.isEnabled(), "she may try again"
    monkeypatch.undo()
    desk.store.keep(SavedSession("a refresh token", "a device"))
    await desk.store.close()
    assert not desk.window.kept.isVisible()


async def test_a_patient_is_told_whose_app_it_is(open_window: OpenWindow, apricot: Apricot, people: People) -> None:
    desk, phone = await open_window(apricot), new_phone()
    desk.type(f"{phone[:3]} {phone[3:7]}-{phone[7:]}")  # as people write it
    await desk.reaches(Step.CODE)
    assert desk.sign_in.resend_seconds > 50
    sent = re.compile(rf"code for {re.escape(phone)}: (\d{{6}})")
    await until(lambda: bool(sent.search(people._identity_log.read_text(errors="replace"))))
    code = sent.findall(people._identity_log.read_text(errors="replace"))[-1]
    desk.type(f"{(int(code) + 1) % 1_000_000:06d}")
    await desk.refused(Reason.REASON_CREDENTIALS_INVALID)
    desk.type(code)
    await until(lambda: desk.sign_in.refusal is not None and desk.sign_in.refusal.cause is Cause.NOT_A_CLINICIAN)
    assert "clinicians" in desk.window.problem.text()
    assert not desk.signed_in


async def test_a_second_code_has_to_wait(open_window: OpenWindow, apricot: Apricot) -> None:
    desk, phone = await open_window(apricot), new_phone()
    await apricot.request_code(phone)
    desk.type(phone)
    await desk.reaches(Step.CODE)
    again = next(each for each in desk.window.findChildren(QPushButton) if "another code" in each.text())
    assert 0 < desk.sign_in.resend_seconds <= 60
    assert not again.isEnabled()


async def test_too_many_tries_count_down(open_window: OpenWindow, apricot: Apricot) -> None:
    now = [0.0]
    desk = await open_window(apricot)
    desk.sign_in._clock = lambda: now[0]
    desk.sign_in.use_password(new_phone())
    reasons = set[Reason.ValueType]()
    while Reason.REASON_RATE_LIMITED not in reasons:
        assert len(reasons) < 2
        desk.type(f"wrong {uuid4()}")
        await until(lambda: not desk.sign_in.busy)
        assert desk.sign_in.refusal is not None
        assert desk.sign_in.refusal.error is not None
        reasons.add(desk.sign_in.refusal.error.reason)
    wait = desk.sign_in.wait_seconds
    assert wait > 0
    assert str(wait) in desk.window.problem.text()
    assert not desk.window.go_on.isEnabled()
    now[0] += wait
    await until(lambda: desk.window.go_on.isEnabled())


async def test_without_a_network_it_says_so(open_window: OpenWindow) -> None:
    async with Apricot("127.0.0.1:9", pace=Pace(call=0.5)) as nowhere:
        desk = await open_window(nowhere)
        desk.type(new_phone())
        await until(lambda: desk.sign_in.refusal is not None)
        assert "cannot be reached" in desk.window.problem.text()
        assert desk.window.go_on.isEnabled(), "she may try again"
