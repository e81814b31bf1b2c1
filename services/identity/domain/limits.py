"""Rate limits, by the generic cell rate algorithm (ITU-T I.371): one instant per key is all the memory it needs.

A key may be used `burst` times at once; what was used comes back evenly over `per`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Limit:
    """How often something may happen for one key."""

    name: str
    burst: int
    per: timedelta

    @property
    def step(self) -> timedelta:
        """How long one use takes to come back."""
        return self.per / self.burst


@dataclass(frozen=True)
class Use:
    """The answer to one attempt."""

    full_at: datetime
    """When everything used has come back; to be kept for the next attempt."""
    wait: timedelta
    """How long to wait; zero: admitted."""


CODE_RESEND = Limit("code-resend", 1, timedelta(minutes=1))
CODES_PER_PHONE = Limit("codes", 5, timedelta(hours=1))
PASSWORDS_PER_PHONE = Limit("passwords", 10, timedelta(minutes=15))
"""Codes have their own attempts: whoever guesses passwords does not keep the owner from signing in by code."""
PASSWORD_CHANGES = Limit("password-changes", 10, timedelta(minutes=15))
SECOND_FACTORS_PER_ACCOUNT = Limit("second-factors", 10, timedelta(minutes=15))
RECOVERY_CODES_PER_ACCOUNT = Limit("recovery-codes", 5, timedelta(hours=1))
"""How often they are made anew."""
LOOK_UPS_PER_ADMIN = Limit("look-ups", 30, timedelta(hours=1))
INVITES_PER_ACCOUNT = Limit("invites", 10, timedelta(hours=1))
SCANS_PER_ACCOUNT = Limit("scans", 30, timedelta(hours=1))
CLAIMS_PER_ACCOUNT = Limit("claims", 5, timedelta(hours=1))


def use(limit: Limit, full_at: datetime | None, now: datetime) -> Use:
    """Use a key once, or learn how long to wait; `full_at` is the last admitted use's, or none."""
    full_at = max(full_at or now, now)
    wait = full_at + limit.step - now - limit.per
    if wait > timedelta(0):
        return Use(full_at, wait)
    return Use(full_at + limit.step, timedelta(0))
