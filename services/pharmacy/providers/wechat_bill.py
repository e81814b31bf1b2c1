"""WeChat's statement of a day: CSV, in which a backquote before each value keeps spreadsheets from reading numbers."""

import csv
from collections.abc import Iterator

from services.pharmacy.providers.china import china_time, minor_of, our_id, refund_id_of
from services.pharmacy.providers.port import StatementLine, reading

_SUMMARY = "总交易单数"


@reading()
def lines_of(text: str) -> list[StatementLine]:
    """Every movement of payments of ours. Errors: `UnreadableError`, for what is no statement."""
    rows = csv.DictReader(_rows(text))
    return [line for row in rows if (line := _line({key: value.lstrip("`") for key, value in row.items()}))]


def _rows(text: str) -> Iterator[str]:
    """Without the summary at the end."""
    for row in text.splitlines():
        if row.startswith(_SUMMARY):
            return
        yield row


def _line(row: dict[str, str]) -> StatementLine | None:
    payment_id = our_id(row["商户订单号"])
    if payment_id is None:
        return None
    is_refund = row["交易状态"] == "REFUND"
    return StatementLine(
        payment_id=payment_id,
        refund_id=refund_id_of(payment_id, row["商户退款单号"]) if is_refund else None,
        amount_minor=minor_of(row["申请退款金额"] if is_refund else row["订单金额"]),
        fee_minor=minor_of(row["手续费"]),
        currency=row["货币种类"],
        time=china_time(row["交易时间"]),
        reference=row["微信退款单号"] if is_refund else row["微信订单号"],
    )
