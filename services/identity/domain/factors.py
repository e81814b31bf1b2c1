"""The second factor: TOTP (RFC 6238), 30-second steps, one step of tolerance, each step once."""

import base64
import hmac
from datetime import datetime

import pyotp

STEP_SECONDS = 30
SECRET_BYTES = 20


class SecondFactorRequired(Exception):
    """The account has a second factor, and the call brings none."""

    def __init__(self) -> None:
        super().__init__("the account needs its second factor too")


class SecondFactorInvalid(Exception):
    """The code is wrong, or was used before."""

    def __init__(self) -> None:
        super().__init__("the code of the second factor is wrong or was used before")


class SecondFactorExists(Exception):
    """A confirmed second factor is not replaced."""

    def __init__(self) -> None:
        super().__init__("a second factor is confirmed already")


class NoSecondFactor(Exception):
    """There is none to confirm."""

    def __init__(self) -> None:
        super().__init__("no second factor waits to be confirmed")


def step_of(secret: str, code: str, now: datetime, last_step: int | None) -> int:
    """The time step of a code, later than any used before. Errors: `SecondFactorInvalid`."""
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    present = int(now.timestamp()) // STEP_SECONDS
    for step in (present - 1, present, present + 1):
        unused = last_step is None or step > last_step
        if unused and hmac.compare_digest(totp.generate_otp(step), code):
            return step
    raise SecondFactorInvalid


def secret_text(secret: bytes) -> str:
    """A secret of 20 bytes as people and apps take it: 32 characters, base32."""
    return base64.b32encode(secret).decode()


def otpauth_uri(secret: str, phone: str) -> str:
    """The same for a QR code."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=phone, issuer_name="Apricot")
