"""The words of the page, one field a place. `english` and `chinese` fill them in; `{…}` are filled in by the page."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """One language's."""

    language_tag: str
    maker: str
    title: str
    no_name: str
    born: str
    birth_unknown: str
    record: str
    record_unknown: str
    date: str
    """Of year, month, month_name and day."""
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    """Monday first, short."""
    weekday_and_day: str
    days: str
    one_day: str
    presets: Mapping[int, str]
    hours_and_minutes: str
    hours: str
    minutes: str
    list_comma: str

    active: str
    fingersticks_only: str
    days_with_readings: str
    days_recorded: str
    sensor: str
    readings_every: str
    readings: str
    one_reading: str
    sufficiency: Mapping[int, str]
    made_at: str

    sparse_warning: str
    fingerstick_warning: str
    empty: str
    empty_hint: str
    single: str
    single_hint: str

    ranges: str
    ranges_of_fingersticks: str
    ranges_note: str
    before: str
    compared: str
    not_compared: str
    bands: Mapping[int, str]
    a_day: str
    below: str
    above: str
    goal: str
    met: str
    missed: str

    goal_value: str
    no_goal: str
    mean: str
    mean_note: str
    gmi: str
    cv: str
    gri: str
    gri_zone: str

    profile: str
    profile_note: str
    profile_too_few: str
    profile_none: str
    outer_band: str
    inner_band: str
    median: str
    target_range: str

    quarter_shares: str
    day_by_day: str
    last_days: str
    day_key: str
    no_readings: str
    carbohydrate_short: str
    insulin_short: str

    room_for_notes: str
    episodes: str
    lows: str
    very_lows: str
    nocturnal: str
    longest: str
    extended: str
    very_highs: str
    a_week: str

    diary: str
    insulin: str
    insulin_kinds: Mapping[int, str]
    carbohydrate: str
    meals: str
    exercise: str
    grams: str
    units: str
    share: str

    more: str
    spread: str
    lowest_highest: str
    ea1c: str
    risk_indices: str
    fingersticks: str
    pairs: str

    notes_shares: str
    notes_fingersticks: str
    notes_formulas: str
    notes_episodes: str
    notes_profile: str
    notes_diary: str
    notes_missing_sign: str
