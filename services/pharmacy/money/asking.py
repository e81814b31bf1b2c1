"""Asking providers, of whom one may be away, or answer what nobody expects, while the others go on."""

from collections.abc import Awaitable

import structlog

from kit.outages import is_outage
from services.pharmacy.providers.port import RefusedError, UnreadableError

log = structlog.get_logger()


async def patiently(asking: Awaitable[object], provider: str) -> None:
    """An outage, a refusal or an answer that cannot be read ends this one question alone: it is asked again when its
    time comes. Other errors pass."""
    try:
        await asking
    except RefusedError as error:
        log.error("a payment provider refuses to answer", provider=provider, why=str(error))
    except UnreadableError as error:
        log.error("a payment provider says what nobody understands", provider=provider, why=str(error))
    except Exception as error:
        if not is_outage(error):
            raise
        log.warning("a payment provider does not answer", provider=provider, error=type(error).__name__)
