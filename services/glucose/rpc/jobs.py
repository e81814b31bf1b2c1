"""What the pool's workers run. pandas is imported in there alone: the service itself stays small."""

from services.glucose.domain.windows import Window
from services.glucose.store.columns import WindowEntries


def summary(entries: WindowEntries, window: Window, preset: int) -> bytes:
    """`Summary` of a window."""
    from services.glucose.rpc.summary import summarize

    return summarize(entries, window, preset).SerializeToString()


def daily_profile(entries: WindowEntries, window: Window, include_days: bool) -> bytes:
    """`GetDailyProfileResponse` of a window."""
    from services.glucose.rpc.daily_profile import profile

    return profile(entries, window, include_days).SerializeToString()
