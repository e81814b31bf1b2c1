"""Who may practise online: the law wants a licence that lives, and three years in the profession."""

import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from itertools import accumulate
from zoneinfo import ZoneInfo

CURRENCY = "CNY"
"""Fees are in one currency, so that they can be compared."""
_ZONE = ZoneInfo("Asia/Shanghai")
"""Licences are China's, and so are their days."""
_YEARS = 3


class LicenceExpiredError(Exception):
    """There is no licence that lives."""

    def __init__(self) -> None:
        super().__init__("there is no approved licence that is still valid")


class PracticeTooShortError(Exception):
    """Fewer years in the profession than the law wants, or it is not told how many."""

    def __init__(self) -> None:
        super().__init__(f"the licence does not show {_YEARS} years since the first registration")


class LicenceDiffersError(Exception):
    """The hospital is not the one of the licence."""

    def __init__(self) -> None:
        super().__init__("the approved licence has another hospital, or another grade of it")


def is_licensed_at(hospital: str, grade: str, licence_hospital: str, licence_grade: str) -> bool:
    """Return whether the licence has this hospital and this grade; widths of letters and spaces do not count."""
    return (_folded(hospital), grade) == (_folded(licence_hospital), licence_grade)


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def require_licence(licence_end_time: datetime | None, now: datetime) -> None:
    """Errors: `LicenceExpiredError`."""
    if licence_end_time is None or licence_end_time <= now:
        raise LicenceExpiredError


def long_enough(first_registration: date | None, now: datetime) -> bool:
    """Whether the years since the first registration are as many as the law wants."""
    if first_registration is None:
        return False
    today = now.astimezone(_ZONE).date()
    return (first_registration.year + _YEARS, first_registration.month, first_registration.day) <= (
        today.year,
        today.month,
        today.day,
    )


def require_years(first_registration: date | None, now: datetime) -> None:
    """Errors: `PracticeTooShortError`."""
    if not long_enough(first_registration, now):
        raise PracticeTooShortError


def language_ranges(languages: Iterable[str]) -> list[str]:
    """BCP 47 tags, and the wider ones that each is part of: who speaks "zh-Hant-HK" speaks "zh-Hant" and "zh"."""
    ranges = (accumulate(tag.split("-"), "{}-{}".format) for tag in languages)
    return list(dict.fromkeys(part for wider in ranges for part in wider))
