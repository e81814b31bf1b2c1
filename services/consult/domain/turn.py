"""Credentials for a TURN server, as coturn's `use-auth-secret` checks them (draft-uberti-behave-turn-rest-00)."""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import NamedTuple

LIFETIME = timedelta(hours=1)
"""Nearly every call is over by then, so that a device whose network changes in mid-call can relay anew with what it
has; a stolen credential relays no longer than that."""


class Credentials(NamedTuple):
    """What a device shows to a TURN server."""

    username: str
    """When they end, in seconds since 1970, and whose they are."""
    credential: str
    """The username's HMAC-SHA-1 under the secret that the platform shares with the server, in base64."""


def credentials(secret: str, account: str, expire_time: datetime) -> Credentials:
    """Good until then. The server takes SHA-1 alone here; nothing but the username is signed."""
    username = f"{int(expire_time.timestamp())}:{account}"
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return Credentials(username, base64.b64encode(digest).decode())
