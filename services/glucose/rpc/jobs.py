"""What the pool's workers run. pandas and matplotlib are imported in there alone: the service itself stays small."""

from services.glucose.domain.windows import Window
from services.glucose.rpc.page.options import PageOptions
from services.glucose.store.columns import WindowEntries

MODULES = ("services.glucose.rpc.summary", "services.glucose.rpc.daily_profile")
"""What these import, for workers to have it ready."""


def summary(entries: WindowEntries, window: Window, preset: int) -> bytes:
    """`Summary` of a window."""
    from services.glucose.rpc.summary import summarize

    return summarize(entries, window, preset).SerializeToString()


def daily_profile(entries: WindowEntries, window: Window, include_days: bool) -> bytes:
    """`GetDailyProfileResponse` of a window."""
    from services.glucose.rpc.daily_profile import profile

    return profile(entries, window, include_days).SerializeToString()


def page(
    entries: WindowEntries, window: Window, before: tuple[WindowEntries, Window], preset: int, options: PageOptions
) -> bytes:
    """Return the page to print of a window beside the one before, a PDF or PNG file."""
    from services.glucose.rpc.report_page import draw_page

    return draw_page(entries, window, before, preset, options)
