"""The call's window, in calls over the real platform."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from apricot.consult.v1.call_pb2 import (
    CALL_END_CANCELLED,
    CALL_END_DECLINED,
    CALL_END_HUNG_UP,
    CALL_MEDIA_AUDIO,
    CALL_MEDIA_VIDEO,
    CALL_STATE_ACTIVE,
    CALL_STATE_ENDED,
)
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from clients.clinician.models.call.call import Stage
from clients.clinician.models.call.devices import Kind
from clients.clinician.models.identity import identity_of
from clients.clinician.views.call.pictures import Picture
from clients.clinician.views.call.window import CallWindow
from tests.clinician.call.sides import Clinic, called_by_patient, clinic_of, patient_in
from tests.consult.calls.lines import Line
from tests.kit.running import until


def window_of(clinic: Clinic, qtbot: QtBot) -> CallWindow:
    made = CallWindow(clinic.model)
    qtbot.addWidget(made)
    return made


@pytest.fixture
async def window(clinic: Clinic, qtbot: QtBot) -> AsyncIterator[CallWindow]:
    made = window_of(clinic, qtbot)
    yield made
    await clinic.model.close()


async def press(
    window: CallWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """A key, where the keyboard is this window's."""
    window.activateWindow()
    await until(window.isActiveWindow)
    QTest.keyClick(window, key, modifier)


def words_of(window: CallWindow) -> str:
    """All that can be read."""
    return " | ".join(each.text() for each in window.findChildren(QLabel) if each.isVisibleTo(window))


def buttons_of(window: CallWindow) -> dict[str, QPushButton]:
    """Those that can be pressed, by what a screen reader says."""
    found = [each for each in window.findChildren(QPushButton) if each.isVisibleTo(window) and each.isEnabled()]
    return {each.accessibleName(): each for each in found}


def boxes_of(window: CallWindow) -> dict[str, bool]:
    """The choices that are shown, and whether there is one."""
    found = [each for each in window.findChildren(QComboBox) if each.isVisibleTo(window)]
    return {each.accessibleName(): each.isEnabled() for each in found}


def pictures_of(window: CallWindow) -> list[Picture]:
    return window.findChildren(Picture)


async def test_answered_and_hung_up_by_keys(patient: Line, clinic: Clinic, window: CallWindow, qtbot: QtBot) -> None:
    assert not window.isVisible()
    await patient.device.join(CALL_MEDIA_VIDEO)
    await until(window.isVisible)
    assert "Video call for you" in words_of(window)
    await press(window, Qt.Key.Key_Return)
    async with patient_in(patient, await patient.sees(CALL_STATE_ACTIVE)) as peer:
        await peer.offer()
        await until(lambda: all(each.is_shown for each in pictures_of(window)))

        await press(window, Qt.Key.Key_M)
        await until(lambda: peer.heard.tone_hz == 0 and peer.heard.frames > 25)
        assert "You are muted" in words_of(window)
        assert "Unmute" in buttons_of(window)
        await press(window, Qt.Key.Key_V)
        await until(lambda: not peer.shows_picture)
        await until(lambda: "Camera on" in buttons_of(window))
        await peer.show(None)
        await until(lambda: "Their camera is off" in words_of(window))
        assert not any(each.is_shown for each in pictures_of(window))

        await press(window, Qt.Key.Key_Escape)
        assert "Hang up?" in words_of(window)
        await press(window, Qt.Key.Key_Escape)
        assert "Hang up?" not in words_of(window)
        assert clinic.model.stage is Stage.ACTIVE
        window.close()
        assert window.isVisible(), "closing it asks too"
        assert "Hang up?" in words_of(window)
        await press(window, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
        assert (await patient.sees(CALL_STATE_ENDED)).end == CALL_END_HUNG_UP
    await until(lambda: "Call ended" in words_of(window))
    assert ":0" in words_of(window), "with its length"
    await press(window, Qt.Key.Key_Return)
    async with asyncio.timeout(3):  # it is not the one that closes it by itself
        await until(lambda: not window.isVisible())


async def test_declined_by_its_button(patient: Line, window: CallWindow, qtbot: QtBot) -> None:
    await patient.device.join(CALL_MEDIA_AUDIO)
    await until(lambda: "Decline" in buttons_of(window))
    assert "Voice only" not in buttons_of(window), "it is by voice"
    QTest.mouseClick(buttons_of(window)["Decline"], Qt.MouseButton.LeftButton)
    assert (await patient.sees(CALL_STATE_ENDED)).end == CALL_END_DECLINED
    await until(lambda: "You declined the call" in words_of(window))


async def test_a_missed_call_stays_until_it_was_read(patient: Line, window: CallWindow, qtbot: QtBot) -> None:
    call = (await patient.device.join(CALL_MEDIA_AUDIO)).call
    await until(window.isVisible)
    assert (await patient.device.leave(call.call_id)).end == CALL_END_CANCELLED
    await until(lambda: "Missed call" in words_of(window))
    await press(window, Qt.Key.Key_Escape)
    await until(lambda: not window.isVisible())


async def test_while_locked_a_ring_is_told_without_a_name_and_cannot_be_answered(
    patient: Line, clinic: Clinic, window: CallWindow, qtbot: QtBot
) -> None:
    window.set_locked(True)
    call = (await patient.device.join(CALL_MEDIA_AUDIO)).call
    await until(window.isVisible)
    name = clinic.model.others[0]
    assert "Unlock to answer" in words_of(window)
    number = identity_of(None, patient.device.person.account_id).record_number
    assert name not in words_of(window).split(" | ")
    assert number not in words_of(window)
    assert buttons_of(window) == {}
    await press(window, Qt.Key.Key_Return)
    await press(window, Qt.Key.Key_A)
    assert clinic.model.stage is Stage.RINGING
    window.set_locked(False)
    assert name in words_of(window).split(" | ")
    assert "Answer" in buttons_of(window)
    await patient.device.leave(call.call_id)
    await clinic.comes_to(Stage.ENDED)


async def test_what_the_computer_does_not_have_is_said(patient: Line, clinic: Clinic, qtbot: QtBot) -> None:
    async with clinic_of(clinic.model.desk, patient.device.consultation_id, kinds=(Kind.SPEAKER,)) as bare:
        window = window_of(bare, qtbot)
        async with called_by_patient(patient, bare):
            said = words_of(window)
            assert "No camera on this computer" in said
            assert "No microphone on this computer" in said
            assert "No loudspeaker" not in said
            assert not {"Mute", "Camera on"} & {*buttons_of(window)}
            await press(window, Qt.Key.Key_D)
            await until(lambda: boxes_of(window) == {"Microphone": False, "Loudspeaker": True, "Camera": False})


async def test_an_old_picture_is_dimmed_while_it_reconnects(patient: Line, clinic: Clinic, window: CallWindow) -> None:
    async with called_by_patient(patient, clinic) as peer:
        (picture,) = [each for each in pictures_of(window) if not isinstance(each.parent(), Picture)]
        await until(lambda: picture.is_shown and not picture.is_dimmed)
        await peer.close()
        await until(lambda: "Reconnecting" in words_of(window))
        assert picture.is_shown
        assert picture.is_dimmed


async def test_every_control_has_a_name_and_its_key(patient: Line, clinic: Clinic, window: CallWindow) -> None:
    async with called_by_patient(patient, clinic):
        shown = buttons_of(window)
        assert {"Mute", "Camera off", "Devices", "Keep on top", "Hang up"} <= {*shown}
        for name, button in shown.items():
            assert button.toolTip().startswith(f"{name} ("), name
            assert not button.shortcut().isEmpty(), name
