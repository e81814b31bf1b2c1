"""Grants of treatments: what a beginning gives, whenever it is heard."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Effect(Enum):
    """What a beginning does."""

    NOTHING = "nothing"
    GIVE = "give"
    """A grant, the first or once more."""
    PROLONG = "prolong"
    """The grant there is belongs to this beginning too: an end before it, heard later, does not end it."""


@dataclass(frozen=True, slots=True)
class Given:
    """The grant that the treatment gave to this account before."""

    begin_time: datetime
    live: bool
    ended_with_treatment: bool


def effect(begin_time: datetime, end_time: datetime | None, given: Given | None) -> Effect:
    """`end_time`: the treatment's last end that is known. A grant that a person has revoked stays so."""
    if end_time is not None and begin_time <= end_time:
        return Effect.NOTHING
    if given is None:
        return Effect.GIVE
    if begin_time <= given.begin_time:
        return Effect.NOTHING
    if given.live:
        return Effect.PROLONG
    return Effect.GIVE if given.ended_with_treatment else Effect.NOTHING
