# /// script
# requires-python = "==3.13.*"
# dependencies = ["simglucose==0.2.11", "numpy==2.5.5", "pandas==3.1.1", "scipy==1.18.1"]
# [tool.uv]
# override-dependencies = [
#   "gym; sys_platform == 'never'",
#   "gymnasium; sys_platform == 'never'",
#   "matplotlib; sys_platform == 'never'",
#   "pathos; sys_platform == 'never'",
# ]
# ///
"""Make `data/readings.csv.gz`: 14 days of sensor readings of each of simglucose's 30 virtual patients.

Run by hand, from the project's root; it takes ten minutes of one core:

    uv run --script benchmarks/predictors/make_data.py

As in `stack/demo/make_data.py`, the block above gives the script an environment of its own, and `stand_in_imports`
provides what simglucose imports and we do not need. We step the patient and the sensor ourselves: the package's own
environment averages readings over a step, which would delay them. Seeds are the patients' names.
"""

import csv
import gzip
import importlib
import io
import math
import random
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

DATA = Path(__file__).parent / "data" / "readings.csv.gz"
DAYS = 14
STEP_MINUTES = 5
STEPS_A_DAY = 24 * 60 // STEP_MINUTES
SENSOR_MIN, SENSOR_MAX = 40, 400  # mg/dL; beyond them a sensor shows LOW or HIGH
URGENT_LOW = 55
GUARDIAN_SHARE = 0.5  # of the GuardianRT's noise, in the G4; `data/README.md` tells why
JUMP_MG_PER_DL = 0.75  # the scale of what the G4 has beside it: Student's t with 3 degrees of freedom
# Minute of the day, its standard deviation, grams, their standard deviation, how often.
MEALS = (
    (420, 45, 45, 10, 0.95),
    (570, 30, 15, 5, 0.3),
    (720, 45, 70, 10, 0.95),
    (900, 30, 15, 5, 0.3),
    (1110, 45, 80, 10, 0.95),
    (1290, 30, 15, 5, 0.3),
)


def main() -> None:
    """Write one line for each patient and day."""
    stand_in_imports()
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("patient", "day", "sensor", "mg_per_dl"))
    for group in ("adolescent", "adult", "child"):
        for number in range(1, 11):
            patient = f"{group}#{number:03}"
            for sensor, readings in simulate(patient).items():
                for day in range(DAYS):
                    shown = readings[day * STEPS_A_DAY : (day + 1) * STEPS_A_DAY]
                    table.writerow((patient, day, sensor, " ".join(shown)))
            print(patient, flush=True)
    DATA.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


def simulate(name: str) -> dict[str, list[str]]:
    """What one patient's two sensors showed, every 5 minutes; "-" where the signal was lost. The patient sees the G4.

    The patient lives as people do: forgets a bolus or takes too much, eats late after a bolus, overcorrects highs, and
    has a basal rate that is not quite the day's. Lows are treated only after they were seen for a while, so
    that what was predicted is not prevented.
    """
    patient, sensor, person = build(name)
    chance = random.Random(name)
    lost = lost_steps(chance)
    shown: dict[str, list[str]] = {"G4": [], "GuardianRT": []}
    eaten: dict[int, float] = {}  # grams, by the minute since the start
    boluses: dict[int, float] = {}  # units
    low_minutes, last_bolus = 0, -1000
    for day in range(DAYS):
        plan_meals(day, person.grams_a_unit, chance, eaten, boluses)
    for step in range(DAYS * STEPS_A_DAY):
        if step % STEPS_A_DAY == 0:
            basal = person.basal * chance.uniform(0.85, 1.25)
        for minute in range(step * STEP_MINUTES, (step + 1) * STEP_MINUTES):
            bolus = boluses.pop(minute, 0)
            last_bolus = minute if bolus else last_bolus
            patient.step(person.action(insulin=basal + bolus, CHO=eaten.pop(minute, 0)))
        now = (step + 1) * STEP_MINUTES
        noise = next(sensor._noise_generator)
        guardian = patient.observation.Gsub + noise
        jump = chance.gauss(0, JUMP_MG_PER_DL) / math.sqrt(chance.gammavariate(1.5, 2 / 3))
        glucose = patient.observation.Gsub + GUARDIAN_SHARE * noise + jump
        low_minutes = low_minutes + STEP_MINUTES if glucose <= URGENT_LOW else 0
        if low_minutes >= (20 if 7 * 60 <= now % 1440 < 23 * 60 else 45):
            eaten[now + chance.randrange(5)] = 20
            low_minutes = -30
        if glucose > 250 and now - last_bolus > 120 and chance.random() < 0.04:
            boluses[now] = (glucose - 120) / person.mg_per_dl_a_unit * chance.uniform(0.8, 1.8)
        for kind, value in (("G4", glucose), ("GuardianRT", guardian)):
            shown[kind].append("-" if step in lost else str(min(max(round(value), SENSOR_MIN), SENSOR_MAX)))
    return shown


def plan_meals(
    day: int, grams_a_unit: float, chance: random.Random, eaten: dict[int, float], boluses: dict[int, float]
) -> None:
    """A day's meals, and the boluses for them."""
    for mean, spread, grams_mean, grams_spread, share in MEALS:
        if chance.random() > share:
            continue
        minute = day * 1440 + round(chance.gauss(mean, spread))
        grams = max(5, round(chance.gauss(grams_mean, grams_spread)))
        late = chance.randrange(20, 60) if chance.random() < 0.15 else 0
        eaten[minute + late] = grams
        habit = chance.random()
        if habit > 0.12:  # else forgotten
            counted = grams * (chance.uniform(1.3, 2.0) if habit < 0.27 else chance.uniform(0.8, 1.2))
            boluses[minute] = counted / grams_a_unit


def lost_steps(chance: random.Random) -> set[int]:
    """The steps without a reading: single ones, a lost signal on some days, a change of sensor on day 10 (2 h)."""
    lost = {step for step in range(DAYS * STEPS_A_DAY) if chance.random() < 0.01}
    lost |= set(range(9 * STEPS_A_DAY + 108, 9 * STEPS_A_DAY + 132))
    for day in range(DAYS):
        if chance.random() < 0.4:
            begin = day * STEPS_A_DAY + chance.randrange(STEPS_A_DAY)
            lost |= set(range(begin, begin + chance.randrange(3, 24)))
    return lost


def build(name: str) -> tuple[Any, Any, SimpleNamespace]:
    """The patient, the sensor, and what they inject; simglucose is imported late, after the stand-ins."""
    room = importlib.import_module("simglucose.patient.t1dpatient")
    sensors = importlib.import_module("simglucose.sensor.cgm")
    patient = room.T1DPatient.withName(name)
    patient._params = SimpleNamespace(**patient._params.to_dict())  # 4 times as fast as pandas
    sensor = sensors.CGMSensor.withName("GuardianRT", seed=random.Random(name).randrange(2**32))
    with Path(room.PATIENT_PARA_FILE).with_name("Quest.csv").open(newline="") as file:
        quest = next(row for row in csv.DictReader(file) if row["Name"] == name)
    person = SimpleNamespace(
        action=room.Action,
        basal=patient._params.u2ss * patient._params.BW / 6000,  # U/min
        grams_a_unit=float(quest["CR"]),
        mg_per_dl_a_unit=float(quest["CF"]),
    )
    return patient, sensor, person


def stand_in_imports() -> None:
    """Give simglucose the imports that it no longer finds; only `resource_filename` is ever used."""

    def resource_filename(package: str, name: str) -> str:
        return str(Path(str(importlib.import_module(package).__file__)).parent / name)

    for name in (
        "pkg_resources",
        "gym",
        "gym.envs",
        "gym.envs.registration",
        "matplotlib",
        "matplotlib.dates",
        "matplotlib.pyplot",
    ):
        sys.modules[name] = ModuleType(name)
    vars(sys.modules["pkg_resources"])["resource_filename"] = resource_filename
    vars(sys.modules["gym.envs.registration"])["register"] = lambda **_: None


if __name__ == "__main__":
    main()
