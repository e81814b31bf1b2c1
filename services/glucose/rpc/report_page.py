"""The page to print, put together from the summary and the daily profile. Imported by the pool's workers alone."""

from dataclasses import replace

from apricot.glucose.v1.entry_pb2 import GlucoseUnit

from services.glucose.domain.windows import Window
from services.glucose.rpc.arrays import unpack
from services.glucose.rpc.daily_profile import profile
from services.glucose.rpc.page.options import PageOptions
from services.glucose.rpc.page.render import render
from services.glucose.rpc.summary import summarize
from services.glucose.store.columns import ReadingColumns, WindowEntries


def draw_page(
    entries: WindowEntries, window: Window, before: tuple[WindowEntries, Window], preset: int, options: PageOptions
) -> bytes:
    """Return a PDF or PNG file, in the unit asked for or that of most readings."""
    options = replace(options, unit=options.unit or _usual_unit(entries.readings))
    typical = profile(entries, window, include_days=True)
    return render(summarize(entries, window, preset), typical.bins, typical.days, options, summarize(*before, preset))


def _usual_unit(columns: ReadingColumns) -> int:
    sensor, meter = unpack(columns)
    readings = sensor if len(sensor) else meter
    in_mmol = 2 * int(readings.in_mmol.sum()) > len(readings)
    return GlucoseUnit.GLUCOSE_UNIT_MMOL_PER_L if in_mmol else GlucoseUnit.GLUCOSE_UNIT_MG_PER_DL
