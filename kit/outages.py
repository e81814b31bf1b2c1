"""Which exceptions mean that a part of the platform does not answer, as opposed to a fault of ours."""

import asyncpg
import grpc
import nats.errors
import obstore.exceptions
import sqlalchemy.exc

_OUTAGES = (
    OSError,  # TimeoutError and refused or reset connections among them
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that was told to end while it was idle
    asyncpg.TooManyConnectionsError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    nats.errors.Error,
    obstore.exceptions.GenericError,
    sqlalchemy.exc.InterfaceError,
    sqlalchemy.exc.OperationalError,
)


_FAULTS = (
    asyncpg.exceptions._base.DataError,  # an argument that cannot be sent; an InterfaceError all the same
    nats.errors.ConnectionClosedError,  # a client that has given up for good: only a new process helps
    nats.errors.MaxPayloadError,
)


_AWAY = "08", "57P", "53300", "40001", "40P01"
"""SQLSTATEs: connection exceptions, a server that stops or starts, too many connections; two writers in each other's
way, of whom one was sent off to try again."""


def is_outage(error: BaseException) -> bool:
    """Whether trying again later may help."""
    if isinstance(error, _FAULTS):
        return False
    if isinstance(error, sqlalchemy.exc.DBAPIError) and (error.connection_invalidated or _is_away(error)):
        return True
    if isinstance(error, grpc.aio.AioRpcError):
        return error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
    return isinstance(error, _OUTAGES)


def _is_away(error: sqlalchemy.exc.DBAPIError) -> bool:
    """SQLAlchemy knows these by no class of its own."""
    return str(getattr(error.orig, "sqlstate", "")).startswith(_AWAY)
