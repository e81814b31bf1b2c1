"""How Alipay and WeChat write amounts and times, and when a day's statement is there."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
CURRENCY = "CNY"
_STATEMENTS_UNTIL = time(12)


def yuan_of(amount_minor: int) -> str:
    """`1234` is "12.34"."""
    return f"{Decimal(amount_minor).scaleb(-2):.2f}"


def minor_of(yuan: str) -> int:
    """ "12.34" is `1234`, and so is "12.34000". Errors: ValueError for what is no whole number of fen."""
    try:
        amount = Decimal(yuan).scaleb(2)
    except InvalidOperation as error:
        raise ValueError(f"not an amount: {yuan}") from error
    if not amount.is_finite() or amount != (whole := int(amount)):
        raise ValueError(f"not whole fen: {yuan}")
    return whole


def china_time(text: str) -> datetime:
    """The instant of "2026-11-26 17:12:31"; a time with an offset stays what it is."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=CHINA)


def is_settled(day: date, now: datetime) -> bool:
    """Whether "there is no statement of that day" means that nothing moved: they are made until noon of the next."""
    return now >= datetime.combine(day + timedelta(days=1), _STATEMENTS_UNTIL, CHINA)


def our_id(text: str) -> UUID | None:
    """The payment's or refund's id behind a merchant's number; None: the number is of something else."""
    try:
        return UUID(hex=text)
    except ValueError:
        return None


def refund_id_of(payment_id: UUID, text: str) -> UUID:
    """Our id of a refund; one that somebody made in the provider's console has an id that is nobody else's."""
    return our_id(text) or uuid5(payment_id, text)
