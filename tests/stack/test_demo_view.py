"""The ward's picture: it fits, it aligns, and it says the same without colour."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from apricot.glucose.v1.entry_pb2 import GLUCOSE_BOUND_LOW, GLUCOSE_UNIT_MMOL_PER_L
from apricot.glucose.v1.watch_pb2 import PatientSnapshot, WatchPatientsResponse
from apricot.identity.v1.care_pb2 import Patient
from rich.cells import cell_len
from rich.console import Console

from clients.sdk import Phase, Recorder, WatchState
from services.identity import demo
from services.pharmacy import demo as pharmacy_demo
from stack.demo import accounts
from stack.demo.margins import Surroundings
from stack.demo.view import Scene, draw
from stack.demo.ward import Ward

NOW = datetime(2027, 2, 28, 12, 0, tzinfo=UTC)
PHONE = Recorder.by_hand("phone", "Asia/Shanghai")
NAMES = [
    "陈国强 Chen Guoqiang",
    "林晓雯 Lin Xiaowen",
    "Ann",
    "欧阳娜娜 Ouyang Nana the Very Long Name",
    "",
    "李浩然 Li Haoran",
]
SIZES = [(80, 24), (81, 21), (100, 30), (120, 27), (160, 45), (200, 60)]


def scene(phase: Phase = Phase.LIVE, progress: tuple[int, int] | None = None) -> Scene:
    ward = Ward(Patient(patient_id=str(index), display_name=name) for index, name in enumerate(NAMES))
    for index in range(len(NAMES) - 1):  # the last has no reading
        readings = [PHONE.sensor_reading(NOW - timedelta(minutes=5 * n), 60 + 40 * index + n) for n in range(90)]
        if index == 1:
            readings.append(
                PHONE.sensor_reading(NOW + timedelta(seconds=1), 2.2, GLUCOSE_UNIT_MMOL_PER_L, GLUCOSE_BOUND_LOW)
            )
        meal = PHONE.meal(NOW - timedelta(minutes=3), 45, description="lunch")
        snapshot = PatientSnapshot(patient_id=str(index), entries=[*readings, meal])
        ward.apply(WatchPatientsResponse(snapshot=snapshot))
    state = WatchState(phase, complete_until=NOW)
    around = Surroundings("http://127.0.0.1:8080", ".state/logs", "Dr. 周明 Zhou Ming", state, progress)
    return Scene(ward.rows(), NOW, around, faded=phase is Phase.STALE)


def lines(shown: Scene, width: int, height: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(draw(shown, width, height))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("progress", [None, (500, 13_000)])
def test_it_fits_and_shows_everybody(width: int, height: int, progress: tuple[int, int] | None) -> None:
    drawn = lines(scene(progress=progress), width, height)
    assert len(drawn) <= height
    assert max(map(cell_len, drawn)) <= width
    text = "\n".join(drawn)
    for word in (
        "林晓雯",
        "李浩然",
        "LOW",
        "▼▼",
        "▲",
        "●",
        "no reading yet",
        accounts.TOTP_SECRET,
        "Ctrl-C",
    ):
        assert word in text


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_double_width_names_align(width: int, height: int) -> None:
    drawn = lines(scene(), width, height)
    ends = {cell_len(line[: line.index(unit)]) for line in drawn for unit in ("mg/dL", "mmol/L") if unit in line}
    assert len(ends) == 1
    assert len({cell_len(line.rstrip()) for line in drawn if line.rstrip().endswith("now")}) == 1


def test_too_many_for_the_terminal_are_counted() -> None:
    everybody = scene()
    many = Scene([*everybody.rows] * 5, NOW, everybody.around, faded=False)
    drawn = lines(many, 80, 24)
    assert len(drawn) <= 24
    assert any("more" in line for line in drawn)


@pytest.mark.parametrize(
    ("phase", "said"),
    [(Phase.LIVE, "● live, complete until"), (Phase.CATCHING_UP, "catching up"), (Phase.STALE, "stale since")],
)
def test_the_connection_is_told(phase: Phase, said: str) -> None:
    assert said in lines(scene(phase), 80, 24)[0]


def test_the_demo_signs_in_as_identity_has_it() -> None:
    for name in "CODE", "TOTP_SECRET", "PATIENT_PHONES", "CLINICIAN_PHONE", "PHARMACIST_PHONE", "COURIER_PHONE":
        assert getattr(accounts, name) == getattr(demo, name)


def test_the_demo_shops_where_the_pharmacy_has_it() -> None:
    assert str(pharmacy_demo.PHARMACY_IDS[0]) == accounts.PHARMACY_ID
    assert demo.demo_id(demo.PHARMACIST_PHONE) == pharmacy_demo.PHARMACIST_ID
