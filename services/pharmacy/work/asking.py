"""Asking providers, of whom one may be away while the others are not."""

from collections.abc import Awaitable

import structlog

from kit.outages import is_outage

log = structlog.get_logger()


async def patiently(asking: Awaitable[object], provider: str) -> None:
    """An outage ends this one question alone: it is asked again when its time comes. Other errors pass."""
    try:
        await asking
    except Exception as error:
        if not is_outage(error):
            raise
        log.warning("a payment provider does not answer", provider=provider, error=type(error).__name__)
