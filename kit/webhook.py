"""A webhook: JSON posted to somebody else's URL, signed so that they know it is ours."""

import hashlib
import hmac
import json
from collections.abc import Mapping

import aiohttp

_TIMEOUT = aiohttp.ClientTimeout(total=2.0)


class Webhook:
    """Posts with `Apricot-Signature: sha256=<HMAC of the body>`."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret.encode()

    async def post(self, message: Mapping[str, object]) -> bool:
        """One try; whether it was taken (2xx). What is posted goes to that URL alone: redirects are not followed."""
        body = json.dumps(message).encode()
        signature = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "Apricot-Signature": f"sha256={signature}"}
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT, headers=headers) as http,
                http.post(self._url, data=body, allow_redirects=False) as answer,
            ):
                return 200 <= answer.status < 300
        except (aiohttp.ClientError, TimeoutError):
            return False
