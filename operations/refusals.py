"""Why a backup, a restore or a hand-over is refused. A refusal comes before anything is written."""

from enum import StrEnum


class Reason(StrEnum):
    """What the operator has to change."""

    NO_KEY = "no_key"
    """No key is given, and plain text was not asked for; or the backup is sealed and none is given."""
    BAD_KEY = "bad_key"
    """The key is no age key, or only the half that seals where the one that opens is needed."""
    WRONG_KEY = "wrong_key"
    """The backup was sealed to another key."""
    EXISTS = "exists"
    """There is something at the place where the backup would go."""
    NOT_FOUND = "not_found"
    INCOMPLETE = "incomplete"
    """The backup was never completed, or one of its files is missing."""
    DAMAGED = "damaged"
    """A file is not as it was written."""
    NEWER_FORMAT = "newer_format"
    """A newer release wrote the backup."""
    NEWER_SCHEMA = "newer_schema"
    """The backup's tables are newer than this release's."""
    OLDER_SERVER = "older_server"
    """The target's PostgreSQL is older than the one of the backup."""
    OLD_PROGRAMS = "old_programs"
    """`pg_dump` and `pg_restore` are missing here, or older than the server."""
    NOT_MIGRATED = "not_migrated"
    """A service's database is not there or has no tables."""
    NOT_EMPTY = "not_empty"
    """There is data in the target."""
    IN_USE = "in_use"
    """The target's databases or its state are being used: stop the services first."""
    OTHER_IDENTITY_KEY = "other_identity_key"
    """The target's identity key is not the one under which the backup's secrets are sealed."""
    OTHER_SEALING_KEYS = "other_sealing_keys"
    """The target lacks a key by which the backup's columns may be sealed."""
    BUSY = "busy"
    """The consumers did not rest within the time they are given; try again."""
    NO_REASON = "no_reason"
    """A hand-over says why: some words, without control characters."""
    UNKNOWN_PATIENT = "unknown_patient"
    """No account has, or ever had, that id."""
    NOT_AN_ADMIN = "not_an_admin"
    """Who hands over is no admin's account."""
    UNKNOWN_ACCOUNT = "unknown_account"
    """No account has that phone."""
    ADMINISTRATORS_CAN_ACT = "administrators_can_act"
    """Other administrators can do it, and the operator does it for missing ones alone."""
    NO_PLACE = "no_place"
    """The settings do not say where databases, NATS and objects are."""


class Refused(Exception):
    """Nothing was written."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Failed(Exception):
    """It was begun and could not be ended; what is there now counts for nothing."""
