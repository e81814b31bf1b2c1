"""`GetDailyProfileResponse` put together from the metrics. Imported by the pool's workers alone."""

from apricot.glucose.v1.report_pb2 import DayCurve, GetDailyProfileResponse, Percentiles, ProfileBin

from services.glucose.domain.metrics import bands
from services.glucose.domain.metrics.days import local_days
from services.glucose.domain.metrics.profile import daily_profile
from services.glucose.domain.metrics.readings import Readings
from services.glucose.domain.metrics.sufficiency import recent_active_percent
from services.glucose.domain.windows import Window
from services.glucose.rpc.arrays import unpack
from services.glucose.rpc.day_summaries import day_summaries, local_date
from services.glucose.rpc.summary import sufficiency
from services.glucose.store.columns import WindowEntries


def profile(entries: WindowEntries, window: Window, include_days: bool) -> GetDailyProfileResponse:
    """The typical day of the sensor, or of fingersticks where there is none, and each day's own curve."""
    sensor, meter = unpack(entries.readings)
    readings, of_time = (sensor, True) if len(sensor) else (meter, False)
    found = daily_profile(readings)
    days = {day.number: day for day in local_days(readings)}
    response = GetDailyProfileResponse(
        sufficiency=sufficiency(len(readings), recent_active_percent(sensor, window.visible_end.timestamp())),
        bins=[
            ProfileBin(
                minute_of_day=one.minute_of_day,
                days_count=one.days_count,
                raw=_percentiles(one.raw),
                smoothed=_percentiles(one.smoothed),
            )
            for one in found
        ],
    )
    if include_days:
        curves = {local_date(day.number): readings[day.chosen] for day in days.values()}
        bands_of = bands.classify(readings, bands.ADULT)
        for summary in day_summaries(readings, bands_of, entries.treatments, of_time=of_time):
            curve = DayCurve(local_date=summary.local_date, summary=summary)
            if (own := curves.get(summary.local_date)) is not None:
                _add_curve(curve, own)
            response.days.append(curve)
    return response


def _add_curve(curve: DayCurve, own: Readings) -> None:
    curve.minutes_of_day.extend(own.minute_of_day.tolist())
    curve.values_mg_per_dl.extend(own.mg_per_dl.tolist())
    if own.bound.any():
        curve.bounds.extend(own.bound.tolist())


def _percentiles(values: list[float] | None) -> Percentiles | None:
    return (
        None if values is None else Percentiles(**dict(zip(("p05", "p25", "p50", "p75", "p95"), values, strict=True)))
    )
