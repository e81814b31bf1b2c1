"""What the parts of the page share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property

from apricot.glucose.v1.report_pb2 import DayCurve, ProfileBin, ReportLanguage, Summary

from services.glucose.domain.entries import zone
from services.glucose.rpc.page.chinese import CHINESE
from services.glucose.rpc.page.english import ENGLISH
from services.glucose.rpc.page.options import PageOptions
from services.glucose.rpc.page.sheet import Sheet
from services.glucose.rpc.page.values import Scale, amount
from services.glucose.rpc.page.words import Words


@dataclass(frozen=True)
class Document:
    """The sheet, what is drawn on it, and in which words and unit."""

    sheet: Sheet
    summary: Summary
    bins: Sequence[ProfileBin]
    days: Sequence[DayCurve]
    options: PageOptions
    before: Summary | None = None
    """The figures of a period of the same length, right before."""

    @cached_property
    def words(self) -> Words:
        return CHINESE if self.options.language == ReportLanguage.REPORT_LANGUAGE_ZH else ENGLISH

    @cached_property
    def scale(self) -> Scale:
        return Scale.of(self.options.unit, self.summary.preset)

    @cached_property
    def zone(self) -> tzinfo:
        return zone(self.summary.time_zone) if self.summary.time_zone else UTC

    @cached_property
    def start(self) -> datetime:
        """On the patient's clock."""
        return self.summary.start_time.ToDatetime(UTC).astimezone(self.zone)

    @cached_property
    def end(self) -> datetime:
        """On the patient's clock, excluded."""
        return self.summary.end_time.ToDatetime(UTC).astimezone(self.zone)

    @cached_property
    def first_day(self) -> date:
        return self.start.date()

    @cached_property
    def last_day(self) -> date:
        """The last day that the window touches."""
        return max(self.first_day, (self.end - timedelta(microseconds=1)).date())

    @cached_property
    def days_count(self) -> int:
        return (self.last_day - self.first_day).days + 1

    @cached_property
    def length_days(self) -> float:
        """From midnight to midnight the dates; else times 24 hours, so that three minutes are no day more."""
        if self.start.time() == self.end.time() == time():
            return self.days_count
        return (self.summary.end_time.ToSeconds() - self.summary.start_time.ToSeconds()) / 86_400

    def days_written(self) -> str:
        written = amount(self.length_days)
        return self.words.one_day if written == "1" else self.words.days.format(n=written)

    def figure_before(self, name: str) -> float | None:
        """Return an optional figure of the period before."""
        if self.before is None or not self.before.HasField(name):  # type: ignore[arg-type]
            return None
        value: float = getattr(self.before, name)
        return value

    def figure(self, name: str) -> float | None:
        """An optional figure of the summary."""
        value: float | None = getattr(self.summary, name) if self.summary.HasField(name) else None  # type: ignore[arg-type]
        return value
