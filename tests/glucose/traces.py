"""Glucose traces that the figures are checked on: people, and the virtual patients."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from glycemia.units import MG_PER_DL_PER_MMOL_PER_L, Unit
from services.glucose.domain.metrics import Floats, Ints
from services.glucose.domain.metrics.readings import Readings

OWN = Path(__file__).parent / "data"
DEMO = Path(__file__).parents[2] / "stack" / "demo" / "data"
HALL = "1636-69-026", "1636-69-090", "1636-70-1010", "2133-004", "2133-018", "2133-024", "2133-036", "2133-039"
"""Of the 19: small and large spread, lows, highs, long gaps."""
NAMES = ["cgmpy_dm", "cgmpy_nodm", "lin-xiaowen", "li-haoran", *HALL]


@dataclass(frozen=True)
class Trace:
    """One person's readings, their times taken as UTC."""

    seconds: Ints
    mg_per_dl: Floats

    def readings(self) -> Readings:
        """As ours."""
        return made(self.seconds, self.mg_per_dl)

    def frame(self) -> pd.DataFrame:
        """As iglu takes them, with naive times."""
        return pd.DataFrame({"id": "one", "time": pd.to_datetime(self.seconds, unit="s"), "gl": self.mg_per_dl})


def made(
    seconds: Ints, mg_per_dl: Floats, unit: int = Unit.MG_PER_DL, device: int = 0, utc_offset_minutes: int = 0
) -> Readings:
    """Readings of one device."""
    same = np.ones(len(seconds), dtype=np.int64)
    return Readings.of(
        np.asarray(seconds, dtype=np.int64),
        utc_offset_minutes * same,
        np.asarray(mg_per_dl, dtype=float),
        unit * same,
        device * same,
    )


@cache
def trace(name: str) -> Trace:
    """One of `NAMES`."""
    if name.startswith("cgmpy"):
        own = _table(OWN / f"{name}.csv.gz")
        return _trace(pd.DataFrame({"time": own["time"], "mg_per_dl": own["glucose"]}))
    if name in HALL:
        hall = _table(DEMO / "source" / "hall2018_cgm.csv.gz")
        own = hall[hall["person"] == name]
        return _trace(pd.DataFrame({"time": own["time_local"], "mg_per_dl": own["glucose_mgdl"]}))
    diary = _table(DEMO / "entries.csv.gz")
    own = diary[(diary["patient"] == name) & (diary["kind"] == "sensor")]
    factor = np.where(own["unit"] == "mmol/L", MG_PER_DL_PER_MMOL_PER_L, 1.0)
    return _trace(pd.DataFrame({"time": own["time_local"], "mg_per_dl": own["value"] * factor}))


def _trace(frame: pd.DataFrame) -> Trace:
    time = frame["time"]
    instant = pd.to_datetime(time, unit="s") if pd.api.types.is_numeric_dtype(time) else pd.to_datetime(time)
    seconds = instant.to_numpy().astype("datetime64[s]").astype(np.int64)
    clean = pd.DataFrame({"seconds": seconds, "mg_per_dl": frame["mg_per_dl"].to_numpy(dtype=float)})
    clean = clean.dropna().sort_values("seconds").drop_duplicates("seconds")
    return Trace(clean["seconds"].to_numpy(), clean["mg_per_dl"].to_numpy())


@cache
def _table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path)
