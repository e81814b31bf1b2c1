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
"""Make `data/entries.csv.gz`: a diary for each of the demo's six patients.

Run by hand, from the project's root:

    uv run --script stack/demo/make_data.py
    uv run --script stack/demo/make_data.py --hall path/to/hall2018_cgm.csv.gz

The block above gives the script an environment of its own: simglucose is no dependency of the project.
Its overrides leave out what simglucose asks for and we do not need (the effect of `--no-deps`).
simglucose also imports `pkg_resources`, `gym` and `matplotlib`; `stand_in_imports` provides for these.

Every random choice has a fixed seed and the gzip header no time, so that the same machine makes the
same bytes again; another may differ in the last bit of a float, or in zlib.
Columns and sources: `data/README.md`.
"""

import argparse
import csv
import gzip
import importlib
import io
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

DATA = Path(__file__).parent / "data"
DAYS = 14
START = datetime.fromisoformat("2026-11-02")  # naive: the patient's clock
STEP_MINUTES = 5
STEP = timedelta(minutes=STEP_MINUTES)
SENSOR_MIN, SENSOR_MAX = 40, 400  # mg/dL; beyond them a sensor shows LOW or HIGH
MGDL_PER_MMOLL = 18.0156  # LOINC: glucose is 180.156 g/mol
BOLUS_STEP = 0.05  # U, the Insulet pump's increment

REAL_PEOPLE = {  # our key: the person's id in Hall 2018
    "chen-guoqiang": "2133-004",
    "wang-jianhua": "2133-018",
    "zhao-meiling": "2133-024",
    "sun-liping": "2133-039",
}


class Row(NamedTuple):
    """One line of the table; the fields are the columns of `data/README.md`."""

    patient: str
    kind: str
    time_local: datetime
    value: str
    unit: str
    bound: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Virtual:
    """A simulated person: the model's name and the habits that the model lacks."""

    key: str
    model: str
    seed: int
    unit: str
    missed_bolus: float  # share of meals without a bolus
    counting_error: float  # carbohydrate is miscounted by up to this share, either way


VIRTUAL_PEOPLE = [
    Virtual("lin-xiaowen", "adult#003", 8, "mmol/L", missed_bolus=0.1, counting_error=0.3),
    Virtual("li-haoran", "adolescent#005", 10, "mg/dL", missed_bolus=0.15, counting_error=0.3),
]


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description="Make the demo's data.")
    parser.add_argument("--hall", type=Path, default=DATA / "source" / "hall2018_cgm.csv.gz")
    rows = list(replay(parser.parse_args().hall))
    stand_in_imports()
    for person in VIRTUAL_PEOPLE:
        rows += simulate(person)
    rows.sort(key=lambda row: (row.patient, row.time_local, row.kind))
    write(rows, DATA / "entries.csv.gz")


def replay(hall: Path) -> Iterator[Row]:
    """The chosen people's readings as published, seconds dropped."""
    keys = {person: key for key, person in REAL_PEOPLE.items()}
    with gzip.open(hall, "rt", newline="") as file:
        for line in csv.DictReader(file):
            if key := keys.get(line["person"]):
                at = datetime.fromisoformat(line["time_local"]).replace(second=0)
                yield sensor(key, at, float(line["glucose_mgdl"]), "mg/dL")


def sensor(patient: str, at: datetime, mgdl: float, unit: str) -> Row:
    """A reading as a sensor shows it: 40–400 mg/dL, and the bound where glucose is beyond."""
    whole = round(mgdl)
    bound = "LOW" if whole < SENSOR_MIN else "HIGH" if whole > SENSOR_MAX else ""
    shown = min(max(whole, SENSOR_MIN), SENSOR_MAX)
    value = str(shown) if unit == "mg/dL" else f"{shown / MGDL_PER_MMOLL:.1f}"
    return Row(patient, "sensor", at, value, unit, bound)


def simulate(person: Virtual) -> Iterator[Row]:
    """Two weeks of one virtual person with an insulin pump and a sensor.

    The controller boluses for the carbohydrate the person *counted*, and now and then the person forgets.
    Lows in the waking hours are treated with 15 g, at most every half hour. A step's meal was eaten in the
    5 minutes before `at`; its bolus goes in over the 5 minutes after.
    """
    env, controller = build(person)
    chance = random.Random(person.seed)
    gaps = sensor_gaps(chance)
    step = env.reset()
    env.patient._params = SimpleNamespace(**env.patient._params.to_dict())  # 4 times as fast as pandas
    treated = START - timedelta(days=1)
    for index in range(DAYS * 24 * 60 // STEP_MINUTES):
        at, mgdl, info = step.info["time"], step.observation.CGM, step.info
        if index not in gaps:
            late = 2 + (chance.random() < 0.1)  # minutes: the sensor's clock is not the diary's
            yield sensor(person.key, at + timedelta(minutes=late), mgdl, person.unit)
        if info["meal"]:
            miscount = chance.uniform(1 - person.counting_error, 1 + person.counting_error)
            grams = max(5, 5 * round(info["meal"] * STEP_MINUTES * miscount / 5))
            logged = at + timedelta(minutes=chance.randrange(10))
            yield Row(person.key, "meal", logged, str(grams), "g", detail=meal_name(at - STEP))
            forgotten = chance.random() < person.missed_bolus
            info["meal"] = 0 if forgotten else grams / STEP_MINUTES
        elif mgdl < 65 and 7 <= at.hour < 23 and at - treated >= timedelta(minutes=30):
            treated = at
            env.patient.planned_meal += 15
            yield Row(person.key, "meal", at, "15", "g", detail="treats a low")
        action = controller.policy(step.observation, step.reward, step.done, **info)
        bolus = round(action.bolus * STEP_MINUTES / BOLUS_STEP) * BOLUS_STEP
        if bolus:
            yield Row(person.key, "insulin", at, f"{bolus:.2f}", "U", detail="rapid bolus")
        if (at.hour, at.minute) == (23, 55):  # the controller's basal rate is constant
            day_total = action.basal * 24 * 60
            logged = at + timedelta(minutes=4)
            yield Row(person.key, "insulin", logged, f"{day_total:.2f}", "U", detail="basal day total")
        step = env.step(action._replace(bolus=bolus / STEP_MINUTES))


def build(person: Virtual) -> tuple[Any, Any]:
    """The simulator's environment and controller; imported late, after the stand-ins."""
    room = {
        name: importlib.import_module(f"simglucose.{name}")
        for name in (
            "actuator.pump",
            "controller.basal_bolus_ctrller",
            "patient.t1dpatient",
            "sensor.cgm",
            "simulation.env",
            "simulation.scenario_gen",
        )
    }
    env = room["simulation.env"].T1DSimEnv(
        room["patient.t1dpatient"].T1DPatient.withName(person.model),
        room["sensor.cgm"].CGMSensor.withName("GuardianRT", seed=person.seed),
        room["actuator.pump"].InsulinPump.withName("Insulet"),
        room["simulation.scenario_gen"].RandomScenario(start_time=START, seed=person.seed),
    )
    return env, room["controller.basal_bolus_ctrller"].BBController()


def sensor_gaps(chance: random.Random) -> set[int]:
    """The steps without a reading: a change of sensor on day 7 (2 h), and lost signal on some days."""
    per_day = 24 * 60 // STEP_MINUTES
    gaps = set(range(6 * per_day + 240, 6 * per_day + 264))
    for day in range(DAYS):
        if chance.random() < 0.4:
            begin = day * per_day + chance.randrange(per_day)
            gaps |= set(range(begin, begin + chance.randrange(4, 24)))
    return gaps


def meal_name(at: datetime) -> str:
    """The scenario's meals by their hours: breakfast 5-9, lunch 10-14, dinner 16-20, snacks between."""
    for name, begin, end in (("breakfast", 5, 9), ("lunch", 10, 14), ("dinner", 16, 20)):
        if begin <= at.hour < end:
            return name
    return "snack"


def stand_in_imports() -> None:
    """Give simglucose the three imports that it no longer finds; only `resource_filename` is ever used."""

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


def write(rows: list[Row], path: Path) -> None:
    """The table as gzipped CSV, the same bytes for the same rows."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(Row._fields)
    table.writerows(rows)
    path.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


if __name__ == "__main__":
    main()
