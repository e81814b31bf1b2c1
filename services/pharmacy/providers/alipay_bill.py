"""Alipay's statement of a day: a zip with two tables in GBK, of the movements and of their sums."""

import csv
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZipFile

from services.pharmacy.providers.china import china_time, minor_of, our_id, refund_id_of
from services.pharmacy.providers.port import StatementLine, reading

_MOVEMENTS = "业务明细.csv"
_COMMENT = "#"


@reading()
def lines_of(content: bytes) -> list[StatementLine]:
    """Every movement of payments of ours. Errors: `UnreadableError`, for what is no statement."""
    with ZipFile(BytesIO(content), metadata_encoding="gbk") as bundle:
        (name,) = [name for name in bundle.namelist() if name.endswith(_MOVEMENTS)]
        text = bundle.read(name).decode("gb18030")  # all that GBK has, and more
    rows = csv.DictReader(_rows(text))
    return [line for row in rows if (line := _line({key: value.strip() for key, value in row.items()}))]


def _rows(text: str) -> Iterator[str]:
    """The table without what surrounds it."""
    return (row for row in text.splitlines() if row and not row.startswith(_COMMENT))


def _line(row: dict[str, str]) -> StatementLine | None:
    payment_id = our_id(row["商户订单号"])
    if payment_id is None:
        return None
    is_refund = row["业务类型"] == "退款"
    return StatementLine(
        payment_id=payment_id,
        refund_id=refund_id_of(payment_id, row["退款批次号/请求号"]) if is_refund else None,
        amount_minor=abs(minor_of(row["订单金额（元）"])),
        fee_minor=-minor_of(row["服务费（元）"]),
        currency="CNY",
        time=china_time(row["完成时间"]),
        reference=row["支付宝交易号"],
    )
