"""`Summary` put together from the metrics. Imported by the pool's workers alone."""

from datetime import UTC, datetime

from apricot.glucose.v1.report_pb2 import (
    SUFFICIENCY_EMPTY,
    SUFFICIENCY_SINGLE_READING,
    SUFFICIENCY_SPARSE,
    SUFFICIENCY_SUFFICIENT,
    DayPeriod,
    FingerstickComparison,
    GlucoseBand,
    GlucoseEvent,
    Sufficiency,
    Summary,
    TargetPreset,
    TargetResult,
)

from kit.times import to_timestamp
from services.glucose.domain.metrics import Ints, bands, mage, risk, variability
from services.glucose.domain.metrics.day_to_day import grid, mean_of_daily_differences, overall_net_action
from services.glucose.domain.metrics.events import Event, events
from services.glucose.domain.metrics.fingersticks import agreement
from services.glucose.domain.metrics.readings import Readings
from services.glucose.domain.metrics.sufficiency import ENOUGH_PERCENT, recent_active_percent
from services.glucose.domain.windows import Window
from services.glucose.rpc.arrays import unpack
from services.glucose.rpc.day_summaries import day_summaries, share_messages, sum_totals
from services.glucose.store.columns import WindowEntries

CONGA_HOURS = 4
MOST_EVENTS = 2000
PERIOD_MINUTES = 360


def summarize(entries: WindowEntries, window: Window, preset_number: int) -> Summary:
    """The figures of a window: of the sensor, or of fingersticks where there is none."""
    sensor, meter = unpack(entries.readings)
    readings, of_time = (sensor, True) if len(sensor) else (meter, False)
    preset = bands.PRESETS[preset_number]
    bands_of = bands.classify(readings, preset)
    days = day_summaries(readings, bands_of, entries.treatments, of_time=of_time)
    recent_percent = recent_active_percent(sensor, window.visible_end.timestamp())
    summary = Summary(
        start_time=to_timestamp(window.visible[0][0] if window.visible else window.start_time),
        end_time=to_timestamp(window.visible_end),
        time_zone=window.time_zone,
        preset=TargetPreset.ValueType(preset_number),
        sufficiency=sufficiency(len(readings), recent_percent),
        readings_count=len(readings),
        from_fingersticks=not of_time and len(readings) > 0,
        interval_minutes=sensor.interval_minutes,
        active_percent=sensor.active_percent(window.visible_seconds),
        recorded_minutes=sensor.recorded_minutes,
        recent_active_percent=recent_percent,
        days_count=sum(day.readings_count > 0 for day in days),
        days=days,
        totals=sum_totals(days),
        fingersticks=_agreement(sensor, meter),
        sensors=entries.sensors,
        periods=_periods(readings, bands_of, of_time=of_time),
    )
    summary.MergeFrom(_spread(readings, of_time=of_time))
    summary.MergeFrom(_shares(readings, bands_of, preset, of_time=of_time))
    summary.MergeFrom(_day_to_day(sensor))
    if of_time:
        summary.events.extend(_event(event) for event in events(sensor, bands_of)[-MOST_EVENTS:])
    return summary


def sufficiency(readings_count: int, recent_percent: float) -> Sufficiency.ValueType:
    """Return how far readings carry, by how many of those expected in the last 14 days there are."""
    if readings_count < 2:
        return SUFFICIENCY_SINGLE_READING if readings_count else SUFFICIENCY_EMPTY
    return SUFFICIENCY_SUFFICIENT if recent_percent >= ENOUGH_PERCENT else SUFFICIENCY_SPARSE


def _spread(readings: Readings, *, of_time: bool) -> Summary:
    """What mean, spread and risk say. None leaves a field unset."""
    g = readings.mg_per_dl
    return Summary(
        mean_mg_per_dl=variability.mean(g),
        sd_mg_per_dl=variability.standard_deviation(g),
        cv_percent=variability.coefficient_of_variation(g),
        gmi_percent=variability.glucose_management_indicator(g) if of_time else None,
        ea1c_percent=variability.estimated_a1c(g),
        j_index=variability.j_index(g),
        lbgi=risk.low_blood_glucose_index(g),
        hbgi=risk.high_blood_glucose_index(g),
        adrr=risk.average_daily_risk_range(g, readings.local_day),
        min_mg_per_dl=variability.quantile(g, 0),
        median_mg_per_dl=variability.quantile(g, 0.5),
        max_mg_per_dl=variability.quantile(g, 1),
    )


def _shares(readings: Readings, bands_of: Ints, preset: bands.Preset, *, of_time: bool) -> Summary:
    """Bands, targets and the risk index; nothing without readings."""
    if not len(readings):
        return Summary()
    found = bands.shares(bands_of)
    gri = risk.glycemia_risk(bands.shares(bands.classify(readings, bands.ADULT)))
    return Summary(
        bands=share_messages(found, of_time=of_time),
        targets=[_target(target, bands.percent_in(found, target.bands)) for target in preset.targets],
        gri=gri.index,
        gri_hypo_component=gri.hypo_component,
        gri_hyper_component=gri.hyper_component,
    )


def _periods(readings: Readings, bands_of: Ints, *, of_time: bool) -> list[DayPeriod]:
    """The quarters of the patient's day."""
    found = []
    for first in range(0, bands.DAY_MINUTES, PERIOD_MINUTES):
        chosen = readings.minute_of_day // PERIOD_MINUTES == first // PERIOD_MINUTES
        found.append(
            DayPeriod(
                start_minute=first,
                readings_count=int(chosen.sum()),
                mean_mg_per_dl=variability.mean(readings.mg_per_dl[chosen]),
                bands=share_messages(bands.shares(bands_of[chosen]), of_time=of_time),
            )
        )
    return found


def _target(target: bands.Target, percent: float) -> TargetResult:
    return TargetResult(
        bands=[GlucoseBand.ValueType(band) for band in target.bands],
        at_most=target.at_most,
        goal_percent=target.goal_percent,
        percent=percent,
        met=target.met(percent),
    )


def _day_to_day(sensor: Readings) -> Summary:
    gridded = grid(sensor.time, sensor.mg_per_dl)
    return Summary(
        modd_mg_per_dl=mean_of_daily_differences(gridded),
        conga_mg_per_dl=overall_net_action(gridded, CONGA_HOURS),
        conga_hours=CONGA_HOURS,
        mage_mg_per_dl=mage.mean_amplitude(gridded),
        mage_algorithm=mage.ALGORITHM,
    )


def _agreement(sensor: Readings, meter: Readings) -> FingerstickComparison:
    found = agreement(sensor, meter)
    if found is None:
        return FingerstickComparison()
    return FingerstickComparison(
        pairs_count=found.pairs_count,
        mean_difference_mg_per_dl=found.mean_difference_mg_per_dl,
        mard_percent=found.mard_percent,
        within_15_percent=found.within_15_percent,
    )


def _event(event: Event) -> GlucoseEvent:
    return GlucoseEvent(
        band=GlucoseBand.ValueType(event.band),
        start_time=to_timestamp(datetime.fromtimestamp(event.start, UTC)),
        end_time=None if event.end is None else to_timestamp(datetime.fromtimestamp(event.end, UTC)),
        duration_minutes=event.duration_minutes,
        extreme_mg_per_dl=event.extreme_mg_per_dl,
        extended=event.extended,
        unbroken_minutes=event.unbroken_minutes,
        nocturnal=event.nocturnal,
    )
