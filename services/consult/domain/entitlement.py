"""Who may treat patients here at an instant: `practice` put together."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.consult.domain.practice import require_licence, require_years

_ZONE = ZoneInfo("Asia/Shanghai")
_YEARS = 3


def require_entitled(licence_end: datetime | None, first_registration: date | None, now: datetime) -> None:
    """Errors: `LicenceExpiredError`, `PracticeTooShortError`."""
    require_licence(licence_end, now)
    require_years(first_registration, now)


def practising_since(now: datetime) -> date:
    """Who was first registered on this day or before has practised for long enough; for queries."""
    today = now.astimezone(_ZONE).date()
    day = 28 if (today.month, today.day) == (2, 29) else today.day
    return today.replace(year=today.year - _YEARS, day=day)
