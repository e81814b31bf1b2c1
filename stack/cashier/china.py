"""China's time, and amounts in yuan; by itself, so that an adapter's mistake is not made on both sides."""

from datetime import datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def yuan(amount_minor: int) -> str:
    sign, (whole, fen) = "-" if amount_minor < 0 else "", divmod(abs(amount_minor), 100)
    return f"{sign}{whole}.{fen:02}"


def minor(amount: str) -> int:
    whole, _, fen = amount.partition(".")
    return int(whole) * 100 + int(fen.ljust(2, "0"))


def local_time(instant: float) -> str:
    return f"{datetime.fromtimestamp(instant, CHINA):%Y-%m-%d %H:%M:%S}"
