"""Alipay's language: what a merchant's app uses of its gateway."""

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from stack.cashier.alipay_bill import zipped
from stack.cashier.book import Book, Refund, RefusedError, Trade
from stack.cashier.china import CHINA, local_time, minor, yuan
from stack.cashier.controls import Gates
from stack.cashier.dialect import Alteration, Message
from stack.cashier.keys import AlipayKeys
from stack.cashier.rsa import is_signed, private, public, sign

_WORDS = {
    "UNKNOWN": "ACQ.TRADE_NOT_EXIST",
    "PAID": "ACQ.TRADE_STATUS_ERROR",
    "CLOSED": "ACQ.TRADE_STATUS_ERROR",
    "NOT_PAID": "ACQ.TRADE_STATUS_ERROR",
    "OTHER": "ACQ.DISCORDANT_REPEAT_REQUEST",
    "TOO_MUCH": "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
    "NOT_YET": "isp.bill_not_exist",
    "WRONG": "ACQ.INVALID_PARAMETER",
    "BUSY": "ACQ.SYSTEM_ERROR",
    "EMPTY": "ACQ.SELLER_BALANCE_NOT_ENOUGH",
}
_LONGEST_AGE = timedelta(minutes=10)
_BUYER = "2088102175953034"

type Json = dict[str, Any]
type Deed = Callable[[Json], Awaitable[Json]]


class Alipay:
    name = "alipay"

    def __init__(self, book: Book, gates: Gates, keys: AlipayKeys, url: str) -> None:
        self._book, self._gates, self._keys, self._url = book, gates, keys, url
        self._app, self._own = public(keys.app_public_key), private(keys.alipay_private_key)
        self._deeds: dict[str, tuple[str, Deed]] = {
            "alipay.trade.query": ("find", self._find),
            "alipay.trade.close": ("close", self._close),
            "alipay.trade.refund": ("refund", self._refund),
            "alipay.trade.fastpay.refund.query": ("find_refund", self._find_refund),
            "alipay.data.dataservice.bill.downloadurl.query": ("statement", self._statement),
        }
        self._tickets: dict[str, date] = {}
        """What lets somebody download a day's statement."""

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/gateway.do", self._answer), web.get("/alipay/bill", self._download)]

    def open(self, order: str) -> Trade:
        """As Alipay's app does: here the trade begins, if the merchant signed it."""
        said = dict(parse_qsl(order))
        if said.get("method") != "alipay.trade.app.pay" or not self._is_genuine(said):
            raise RefusedError("WRONG")
        wanted = json.loads(said["biz_content"])
        expire_time = datetime.fromisoformat(wanted["time_expire"]).replace(tzinfo=CHINA)
        trade = Trade(
            provider=self.name,
            out_trade_no=wanted["out_trade_no"],
            amount_minor=minor(wanted["total_amount"]),
            currency="CNY",
            description=wanted["subject"],
            expire_time=expire_time.timestamp(),
            notify_url=said["notify_url"],
        )
        return self._book.begin(trade)

    def notice(self, trade: Trade, refund: Refund | None, alteration: Alteration) -> Message:
        amount = trade.amount_minor if alteration.amount_minor is None else alteration.amount_minor
        said = {
            "notify_time": local_time(trade.pay_time),
            "notify_type": "trade_status_sync",
            "notify_id": secrets.token_hex(16),
            "charset": "utf-8",
            "version": "1.0",
            "app_id": "2021000000000000" if alteration.forge == "app" else self._keys.app_id,
            "seller_id": "2088000000000000" if alteration.forge == "merchant" else self._keys.seller_id,
            "buyer_id": _BUYER,
            "subject": trade.description,
            "trade_no": trade.reference,
            "out_trade_no": alteration.out_trade_no or trade.out_trade_no,
            "trade_status": alteration.state or self._status(trade),
            "total_amount": yuan(amount),
            "gmt_create": local_time(trade.begin_time),
            "gmt_payment": local_time(trade.pay_time),
        }
        if refund:
            said |= {
                "out_biz_no": refund.out_refund_no,
                "gmt_refund": f"{local_time(refund.refund_time)}.000",
                "refund_fee": yuan(self._book.refunded(self.name, trade.out_trade_no)),
            }
        signed = _sign_content(said)
        if alteration.forge in ("signature", "certificate"):
            signed += "&forged=1"
        body = urlencode(said | {"sign": sign(self._own, signed), "sign_type": "RSA2"})
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        return Message(headers, body.encode())

    def is_taken(self, status: int, body: str) -> bool:
        return status == 200 and body == "success"

    async def _answer(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        said = dict(request.query) | form
        kind, deed = self._deeds[said["method"]]
        if not _is_fresh(said["timestamp"]):
            return self._signed(said["method"], {"code": "40002", "sub_code": "isv.invalid-timestamp"})
        if not self._is_genuine(said):
            return self._signed(said["method"], {"code": "40002", "sub_code": "isv.invalid-signature"})
        try:
            async with self._gates.passing(kind):
                answer = await deed(json.loads(said["biz_content"]))
        except RefusedError as refusal:
            if refusal.code == "IDLE":
                return self._signed(said["method"], {"code": "10000", "msg": "Success", "fund_change": "N"})
            failed = {"code": "40004", "msg": "Business Failed", "sub_code": _WORDS[refusal.code]}
            return self._signed(said["method"], failed)
        return self._signed(said["method"], {"code": "10000", "msg": "Success", **answer})

    def _is_genuine(self, said: Mapping[str, str]) -> bool:
        signed = _sign_content({name: value for name, value in said.items() if name != "sign"})
        ours = (said.get("app_id"), said.get("sign_type")) == (self._keys.app_id, "RSA2")
        return ours and is_signed(self._app, said.get("sign", ""), signed)

    def _signed(self, method: str, answer: Json) -> web.Response:
        content = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
        name = method.replace(".", "_")
        text = f'{{"{name}_response":{content},"sign":"{sign(self._own, content)}"}}'
        return web.Response(text=text, content_type="text/html")

    async def _find(self, wanted: Json) -> Json:
        trade = self._book.get(self.name, wanted["out_trade_no"])
        found = {
            "out_trade_no": trade.out_trade_no,
            "trade_no": trade.reference,
            "trade_status": self._status(trade),
            "total_amount": yuan(trade.amount_minor),
        }
        return found | ({"send_pay_date": local_time(trade.pay_time)} if trade.pay_time else {})

    async def _close(self, wanted: Json) -> Json:
        trade = self._book.get(self.name, wanted["out_trade_no"])
        if trade.state == "CLOSED":
            raise RefusedError("CLOSED")
        self._book.close(self.name, trade.out_trade_no)
        return {"out_trade_no": trade.out_trade_no}

    async def _refund(self, wanted: Json) -> Json:
        trade = self._book.get(self.name, wanted["out_trade_no"])
        known = self._book.find_refund(self.name, wanted["out_request_no"])
        refund = Refund(
            *(self.name, trade.out_trade_no, wanted["out_request_no"], minor(wanted["refund_amount"])),
            *(wanted.get("refund_reason", ""), ""),
        )
        self._book.refund(refund)
        return {
            "trade_no": trade.reference,
            "out_trade_no": trade.out_trade_no,
            "fund_change": "N" if known else "Y",
            "refund_fee": yuan(self._book.refunded(self.name, trade.out_trade_no)),
        }

    async def _find_refund(self, wanted: Json) -> Json:
        trade = self._book.get(self.name, wanted["out_trade_no"])
        refund = self._book.find_refund(self.name, wanted["out_request_no"])
        if refund is None:  # never asked for, or not carried out: without a status
            return {"trade_no": trade.reference, "out_trade_no": trade.out_trade_no, "refund_amount": "0.00"}
        return {
            "trade_no": trade.reference,
            "out_trade_no": trade.out_trade_no,
            "out_request_no": refund.out_refund_no,
            "total_amount": yuan(trade.amount_minor),
            "refund_amount": yuan(refund.amount_minor),
            "refund_status": "REFUND_SUCCESS",
        }

    async def _statement(self, wanted: Json) -> Json:
        day = date.fromisoformat(wanted["bill_date"])
        if not self._book.statement(self.name, day):
            raise RefusedError("NOT_YET")
        ticket = secrets.token_urlsafe()
        self._tickets[ticket] = day
        return {"bill_download_url": f"{self._url}/alipay/bill?ticket={ticket}"}

    async def _download(self, request: web.Request) -> web.Response:
        day = self._tickets.get(request.query.get("ticket", ""))
        if day is None:
            return web.Response(status=403)
        bundle = zipped(self._book.statement(self.name, day), self._keys.seller_id, day)
        return web.Response(body=bundle, content_type="application/zip")

    def _status(self, trade: Trade) -> str:
        """One that was given back whole is closed."""
        gone = trade.state == "PAID" and self._book.refunded(self.name, trade.out_trade_no) == trade.amount_minor
        state = "CLOSED" if gone else trade.state
        return {"WAITING": "WAIT_BUYER_PAY", "PAID": "TRADE_SUCCESS", "CLOSED": "TRADE_CLOSED"}[state]


def _is_fresh(timestamp: str) -> bool:
    """It is China's time, wherever the merchant's server stands."""
    said = datetime.fromisoformat(timestamp).replace(tzinfo=CHINA)
    return abs(datetime.now(CHINA) - said) < _LONGEST_AGE


def _sign_content(said: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(said.items()))
