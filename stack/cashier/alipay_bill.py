"""Alipay's statement of a day, as it writes it."""

import csv
import io
from datetime import date
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from stack.cashier.book import Movement
from stack.cashier.china import local_time, yuan

_HEADER = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
    "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,"
    "商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
_COLUMNS = next(csv.reader([_HEADER]))


def zipped(movements: list[Movement], seller_id: str, day: date) -> bytes:
    """Two tables: the movements, and their sums, which here are none."""
    bundle, name = io.BytesIO(), f"{seller_id}0156_{day:%Y%m%d}"
    with ZipFile(bundle, "w") as files:
        for title, table in (("业务明细", _table(movements, seller_id)), ("业务明细(汇总)", "#汇总\r\n")):
            files.writestr(_GbkNamed(f"{name}_{title}.csv"), table.encode("gbk", "replace"), ZIP_DEFLATED)
    return bundle.getvalue()


class _GbkNamed(ZipInfo):
    """A name in GBK without a word about it, as in Alipay's zips."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gbk"), self.flag_bits


def _table(movements: list[Movement], seller_id: str) -> str:
    table = io.StringIO(newline="\r\n")
    rows = csv.DictWriter(table, _COLUMNS, restval="", lineterminator="\n")
    print(f"#支付宝业务明细查询\n#账号：[{seller_id}0156]", file=table)
    print(f"#{'-' * 41}业务明细列表{'-' * 40}", file=table)
    rows.writeheader()
    for movement in movements:
        rows.writerow({column: f"{cell}\t" for column, cell in _cells(movement).items()})
    print(f"#{'-' * 41}业务明细列表结束{'-' * 36}\n#交易合计：{len(movements)}笔", file=table)
    return table.getvalue()


def _cells(movement: Movement) -> dict[str, str]:
    trade, refund = movement.trade, movement.refund
    amount = yuan(-movement.amount_minor if refund else movement.amount_minor)
    return {
        "支付宝交易号": trade.reference,
        "商户订单号": trade.out_trade_no,
        "业务类型": "退款" if refund else "交易",
        "商品名称": trade.description,
        "创建时间": local_time(trade.begin_time),
        "完成时间": local_time(movement.time),
        "订单金额（元）": amount,
        "商家实收（元）": amount,
        "退款批次号/请求号": refund.out_refund_no if refund else "",
        "服务费（元）": yuan(-movement.fee_minor),
    }
