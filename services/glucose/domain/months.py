"""Calendar months, each by its first day."""

from datetime import date


def months_before(day: date, months: int) -> date:
    """The month that lies so many months before that of a day."""
    years, month = divmod(12 * day.year + day.month - 1 - months, 12)
    return date(years, month + 1, 1)
