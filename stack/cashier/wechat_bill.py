"""WeChat's statement of a day, as it writes it."""

import csv
import io

from stack.cashier.book import Movement
from stack.cashier.china import local_time, yuan

_HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,"
    "商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
_COLUMNS = next(csv.reader([_HEADER]))


def bill(movements: list[Movement], appid: str, mchid: str) -> bytes:
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\r\n")
    rows.writerow(_COLUMNS)
    for movement in movements:
        cells = _cells(movement, appid, mchid)
        rows.writerow([f"`{cells.get(column, '')}" for column in _COLUMNS])
    rows.writerow(["总交易单数", "应结订单总金额", "手续费总金额"])
    rows.writerow([f"`{len(movements)}", "`0.00", f"`{yuan(sum(one.fee_minor for one in movements))}000"])
    return ("\ufeff" + table.getvalue()).encode()


def _cells(movement: Movement, appid: str, mchid: str) -> dict[str, str]:
    trade, refund = movement.trade, movement.refund
    cells = {
        "交易时间": local_time(movement.time),
        "公众账号ID": appid,
        "商户号": mchid,
        "微信订单号": trade.reference,
        "商户订单号": trade.out_trade_no,
        "交易类型": "APP",
        "交易状态": "REFUND" if refund else "SUCCESS",
        "付款银行": "OTHERS",
        "货币种类": trade.currency,
        "应结订单金额": "0.00" if refund else yuan(trade.amount_minor),
        "商品名称": trade.description,
        "手续费": f"{yuan(movement.fee_minor)}000",
        "费率": "0.60%",
        "订单金额": "0.00" if refund else yuan(trade.amount_minor),
        "退款金额": yuan(movement.amount_minor) if refund else "0.00",
        "申请退款金额": yuan(movement.amount_minor) if refund else "0.00",
    }
    if refund:
        cells |= {"微信退款单号": refund.reference, "商户退款单号": refund.out_refund_no, "退款状态": "SUCCESS"}
    return cells
