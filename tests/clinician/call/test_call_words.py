"""What is said of a call, and what is measured of it."""

import sys
from datetime import timedelta

import pytest
from aiortc.sdp import SessionDescription
from apricot.consult.v1.call_pb2 import CallEnd, IceServer
from av import AudioFrame
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage

from clients.clinician.models.call.descriptions import ice_servers, parted, shows_picture
from clients.clinician.models.call.devices import NoDevices, sound, this_computer
from clients.clinician.models.call.outgoing import silence
from clients.clinician.models.call.pictures import to_frame, to_image
from clients.clinician.models.call.quality import Counted, Meter, Quality
from clients.clinician.views.call import words

_SDP = """v=0\r
o=- 1 1 IN IP4 0.0.0.0\r
s=-\r
t=0 0\r
m=audio 9 UDP/TLS/RTP/SAVPF 96\r
c=IN IP4 0.0.0.0\r
a=sendrecv\r
a=candidate:1 1 udp 2130706431 127.0.0.1 5000 typ host\r
a=end-of-candidates\r
m=video {port} UDP/TLS/RTP/SAVPF 97\r
c=IN IP4 0.0.0.0\r
{direction}"""


@pytest.mark.parametrize(
    ("direction", "port", "shows"),
    [
        ("a=sendrecv\r\n", 9, True),
        ("a=sendonly\r\n", 9, True),
        ("", 9, True),
        ("a=recvonly\r\n", 9, False),
        ("a=inactive\r\n", 9, False),
        ("a=sendrecv\r\n", 0, False),
    ],
)
def test_whether_the_other_side_shows_itself_is_in_what_it_describes(direction: str, port: int, shows: bool) -> None:
    assert shows_picture(_SDP.format(direction=direction, port=port)) is shows


def test_candidates_are_sent_by_themselves() -> None:
    sdp, candidates = parted(_SDP.format(direction="a=sendrecv\r\n", port=9))
    assert candidates == ["1 1 udp 2130706431 127.0.0.1 5000 typ host"]
    assert SessionDescription.parse(sdp).media[0].ice_candidates == []


def test_servers_are_those_of_the_answer() -> None:
    stun = IceServer(urls=["stun:stun.example.org:3478"])
    turn = IceServer(urls=["turn:turn.example.org:3478?transport=udp"], username="1:a", credential="secret")
    first, second = ice_servers([stun, turn])
    assert (first.urls, first.username) == (["stun:stun.example.org:3478"], None)
    assert (second.urls, second.username, second.credential) == ([*turn.urls], "1:a", "secret")


@pytest.mark.parametrize(
    ("lost", "seconds", "quality"),
    [
        (0, None, Quality.GOOD),
        (1, 0.3, Quality.GOOD),
        (5, 0.1, Quality.FAIR),
        (0, 0.5, Quality.FAIR),
        (10, 0.1, Quality.POOR),
        (0, 0.7, Quality.POOR),
    ],
)
def test_the_way_in_a_word(lost: int, seconds: float | None, quality: Quality) -> None:
    """Of a hundred packets."""
    meter = Meter()
    assert meter.look(Counted(0, 0, seconds)) is Quality.UNKNOWN
    assert meter.look(Counted(100 - lost, lost, seconds)) is quality


def test_a_new_connection_is_judged_by_itself_and_an_old_loss_is_forgotten() -> None:
    meter = Meter()
    meter.look(Counted(0, 0, None))
    assert meter.look(Counted(80, 20, None)) is Quality.POOR
    assert meter.look(Counted(10, 0, None)) is Quality.UNKNOWN
    for second in range(2, 10):
        last = meter.look(Counted(50 * second, 0, None))
    assert last is Quality.GOOD


@given(seconds=st.integers(0, 100_000))
def test_a_length_is_read_back_as_it_is(seconds: int) -> None:
    parts = [int(part) for part in words.talked(timedelta(seconds=seconds)).split(":")]
    assert sum(part * 60**place for place, part in enumerate(reversed(parts))) == seconds
    assert all(part < 60 for part in parts[1:])


@pytest.mark.parametrize("outgoing", [True, False])
def test_every_end_is_said_and_each_in_words_of_its_own(outgoing: bool) -> None:
    said = [words.ending(end, outgoing=outgoing) for end in CallEnd.values()]
    assert all(said)
    assert len({*said}) == len(said)


@pytest.mark.parametrize(
    ("name", "initials"), [("Wang Fang", "WF"), ("王小芳", "小芳"), ("李", "李"), ("anna", "A"), ("", "")]
)
def test_initials(name: str, initials: str) -> None:
    assert words.initials(name) == initials


@given(width=st.integers(2, 70), height=st.integers(2, 40))
def test_a_picture_comes_back_as_it_was_but_for_odd_edges(width: int, height: int) -> None:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(10, 20, 30))
    image.setPixelColor(1, 1, QColor(200, 100, 50))
    again = to_image(to_frame(image))
    assert (again.width(), again.height()) == (width & ~1, height & ~1)
    assert again.pixelColor(1, 1).name() == "#c86432"
    assert again.pixelColor(0, 0).name() == "#0a141e"


def test_what_is_muted_is_silent() -> None:
    frame = sound(b"\x11\x22" * 960)
    assert frame.to_ndarray().any()
    silence(frame)
    assert not frame.to_ndarray().any()
    assert isinstance(frame, AudioFrame)


def test_where_the_system_has_no_sound_there_are_no_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Linux without libpulse; and nothing fails."""
    monkeypatch.setitem(sys.modules, "PySide6.QtMultimedia", None)
    monkeypatch.delitem(sys.modules, "clients.clinician.models.call.qt_devices", raising=False)
    found = this_computer()
    assert isinstance(found, NoDevices)
    assert found.open_camera() is None
