"""Fingersticks against the sensor."""

from dataclasses import dataclass

import numpy as np

from services.glucose.domain.metrics.readings import Readings

FARTHEST_SECONDS = 300


@dataclass(frozen=True)
class Agreement:
    """How a sensor agrees with a meter."""

    pairs_count: int
    mean_difference_mg_per_dl: float
    mard_percent: float
    within_15_percent: float


def agreement(sensor: Readings, meter: Readings) -> Agreement | None:
    """Each fingerstick with the sensor's reading nearest in time, within 5 minutes. None without a pair.

    Difference = sensor − meter, mg/dL; MARD = mean of 100·|difference|/meter; within 15 = percent of pairs within
    15 mg/dL where the meter shows less than 100 mg/dL, within 15 % from there on (bounds of ISO 15197:2013).
    """
    if not len(sensor) or not len(meter):
        return None
    after = np.clip(np.searchsorted(sensor.time, meter.time), 1, max(1, len(sensor) - 1))
    before = after - 1
    after = np.minimum(after, len(sensor) - 1)
    is_after = np.abs(sensor.time[after] - meter.time) < np.abs(meter.time - sensor.time[before])
    nearest = np.where(is_after, after, before)
    near = np.abs(sensor.time[nearest] - meter.time) <= FARTHEST_SECONDS
    if not near.any():
        return None
    reference = meter.mg_per_dl[near]
    difference = sensor.mg_per_dl[nearest[near]] - reference
    bound = np.where(reference < 100, 15, 0.15 * reference)
    return Agreement(
        pairs_count=len(reference),
        mean_difference_mg_per_dl=float(np.mean(difference)),
        mard_percent=float(np.mean(100 * np.abs(difference) / reference)),
        within_15_percent=100 * float(np.mean(np.abs(difference) <= bound)),
    )
