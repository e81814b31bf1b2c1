"""Alipay, payments in apps, by Alipay's own library: it signs, verifies and knows the requests."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from types import SimpleNamespace
from typing import Any, Self
from urllib.parse import parse_qsl
from uuid import UUID

import requests
from alipay.aop.api import DefaultAlipayClient as transport
from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.request.AlipayDataDataserviceBillDownloadurlQueryRequest import (
    AlipayDataDataserviceBillDownloadurlQueryRequest as BillRequest,
)
from alipay.aop.api.request.AlipayTradeAppPayRequest import AlipayTradeAppPayRequest as PayRequest
from alipay.aop.api.request.AlipayTradeCloseRequest import AlipayTradeCloseRequest as CloseRequest
from alipay.aop.api.request.AlipayTradeFastpayRefundQueryRequest import (
    AlipayTradeFastpayRefundQueryRequest as RefundQueryRequest,
)
from alipay.aop.api.request.AlipayTradeQueryRequest import AlipayTradeQueryRequest as QueryRequest
from alipay.aop.api.request.AlipayTradeRefundRequest import AlipayTradeRefundRequest as RefundRequest
from alipay.aop.api.util.SignatureUtils import get_sign_content, rsa, verify_with_rsa

from kit.clock import Clock
from services.pharmacy.providers.alipay_bill import lines_of
from services.pharmacy.providers.china import CHINA, CURRENCY, china_time, is_settled, minor_of, our_id, yuan_of
from services.pharmacy.providers.port import (
    AlreadyPaidError,
    ForgedCallbackError,
    Refund,
    RefundState,
    RefusedError,
    StatementLine,
    Trade,
    TradeState,
    reading,
)
from services.pharmacy.providers.threads import CONNECT_SECONDS, READ_SECONDS, Threads

_DONE, _FAILED = "10000", "40004"
"""Alipay's codes: it is done; the matter itself does not allow it. All the others are about something else."""
_UNKNOWN = "ACQ.TRADE_NOT_EXIST"
_LATER = {"ACQ.SYSTEM_ERROR", "ACQ.SELLER_BALANCE_NOT_ENOUGH"}
_LONGEST_SUBJECT = 128

_STATES = {
    "WAIT_BUYER_PAY": TradeState.WAITING,
    "TRADE_SUCCESS": TradeState.PAID,
    "TRADE_FINISHED": TradeState.PAID,
    "TRADE_CLOSED": TradeState.CLOSED,
}

type Json = dict[str, Any]


def _post(
    url: str, query_string: str, headers: dict[str, str], params: dict[str, str], charset: str, timeout: int
) -> bytes:
    """In place of the library's own, which ignores the port of a URL and tells an outage by words alone."""
    answer = requests.post(
        f"{url}?{query_string}", data=params, headers=headers, timeout=(CONNECT_SECONDS, timeout), allow_redirects=False
    )
    if answer.status_code != 200:
        raise ConnectionError(f"alipay: {answer.status_code}")
    return answer.content


class _ChinaTime(datetime):
    """In place of the machine's own time, in which the library dates requests: Alipay reads China's."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz or CHINA)


transport.do_post = _post
transport.datetime = SimpleNamespace(datetime=_ChinaTime)


class Alipay:
    """Alipay's adapter. Alipay knows a payment only once the buyer has opened it: until then it is not found, and
    closing it does nothing; its expiry is what keeps it from being paid later."""

    name = "alipay"

    def __init__(
        self,
        *,
        url: str,
        app_id: str,
        seller_id: str,
        private_key: str,
        public_key: str,
        notify_url: str,
        clock: Clock,
    ) -> None:
        config = AlipayClientConfig()
        config.server_url, config.app_id, config.timeout = url, app_id, READ_SECONDS
        config.app_private_key, config.alipay_public_key = private_key, public_key
        self._client = transport.DefaultAlipayClient(config)
        self._app_id, self._seller_id, self._public_key = app_id, seller_id, public_key
        self._notify_url = notify_url
        self._clock = clock
        self._threads = Threads("alipay")

    async def start(
        self, payment_id: UUID, amount_minor: int, currency: str, description: str, expire_time: datetime
    ) -> str:
        """Nothing is sent: the answer is a signed order, which the buyer's app gives to Alipay's."""
        if currency != CURRENCY:
            raise RefusedError("currency")
        request = PayRequest()
        request.notify_url = self._notify_url
        request.biz_content = {
            "out_trade_no": payment_id.hex,
            "total_amount": yuan_of(amount_minor),
            "subject": description[:_LONGEST_SUBJECT],
            "product_code": "QUICK_MSECURITY_PAY",
            "seller_id": self._seller_id,
            "time_expire": f"{expire_time.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
        }
        return str(await self._threads.run(self._client.sdk_execute, request))

    async def find(self, payment_id: UUID) -> Trade | None:
        code, said = await self._ask(QueryRequest(), out_trade_no=payment_id.hex)
        return None if code == _UNKNOWN else _trade(_done(code, said), "send_pay_date")

    async def close(self, payment_id: UUID) -> None:
        code, said = await self._ask(CloseRequest(), out_trade_no=payment_id.hex)
        if code == "ACQ.TRADE_STATUS_ERROR":  # paid, or closed: only asking tells
            found = await self.find(payment_id)
            if found and found.state is TradeState.PAID:
                raise AlreadyPaidError(code)
        elif code != _UNKNOWN:
            _done(code, said)

    async def refund(
        self, payment_id: UUID, refund_id: UUID, amount_minor: int, total_minor: int, currency: str, reason: str
    ) -> Refund:
        code, said = await self._ask(
            RefundRequest(),
            out_trade_no=payment_id.hex,
            out_request_no=refund_id.hex,
            refund_amount=yuan_of(amount_minor),
            refund_reason=reason,
        )
        # Whether money moved just now: not so if it had before, or if it has not yet.
        moved = _done(code, said).get("fund_change") == "Y"
        found = None if moved else await self.find_refund(payment_id, refund_id)
        state = RefundState.DONE if moved else RefundState.UNDER_WAY
        return found or Refund(payment_id, refund_id, state, amount_minor, CURRENCY, said.get("trade_no", ""))

    async def find_refund(self, payment_id: UUID, refund_id: UUID) -> Refund | None:
        """One that was not carried out Alipay does not know: it wants to be asked for it again."""
        code, said = await self._ask(RefundQueryRequest(), out_trade_no=payment_id.hex, out_request_no=refund_id.hex)
        if code == _UNKNOWN or _done(code, said).get("refund_status") != "REFUND_SUCCESS":
            return None
        return _refund(payment_id, refund_id, said)

    async def statement(self, day: date) -> Sequence[StatementLine] | None:
        code, said = await self._ask(BillRequest(), bill_type="trade", bill_date=day.isoformat())
        if code == "isp.bill_not_exist":
            return [] if is_settled(day, self._clock()) else None
        with reading():
            url = _done(code, said)["bill_download_url"]
        answer = await self._threads.run(requests.get, url, timeout=(CONNECT_SECONDS, READ_SECONDS))
        answer.raise_for_status()
        return lines_of(answer.content)

    async def read_callback(self, headers: Mapping[str, str], body: bytes) -> Trade | Refund:
        """A callback has no age: Alipay repeats it as it was for a day."""
        said = self._verified(body)
        refund_id = our_id(said.get("out_biz_no", ""))
        if "gmt_refund" not in said or refund_id is None:
            return _trade(said, "gmt_payment")
        # It tells the sum of all refunds; this one's amount has to be asked for.
        refund = await self.find_refund(UUID(said["out_trade_no"]), refund_id)
        if refund is None:
            raise ConnectionError("alipay: a refund that it told of and does not find yet")
        return refund

    def answer(self, *, taken: bool) -> tuple[int, str, str]:
        return (200, "text/plain", "success") if taken else (503, "text/plain", "failure")

    def _verified(self, body: bytes) -> dict[str, str]:
        """Errors: `ForgedCallbackError`."""
        try:
            pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
            said = dict(pairs)
            content = {key: value for key, value in said.items() if key not in ("sign", "sign_type")}
            if said["sign_type"] != "RSA2":
                raise ForgedCallbackError("signed in another way")
            verify_with_rsa(self._public_key, get_sign_content(content).encode(), said["sign"])
        except (ValueError, KeyError, rsa.VerificationError) as error:
            raise ForgedCallbackError("wrong signature") from error
        if (said.get("app_id"), said.get("seller_id")) != (self._app_id, self._seller_id):
            raise ForgedCallbackError("for another app or seller")
        return said

    async def _ask(self, request: Any, **content: str) -> tuple[str, Json]:
        """What went wrong, and the answer, whose signature the library has verified. Errors: an outage."""
        request.biz_content = content
        try:
            said: Json = json.loads(await self._threads.run(self._client.execute, request))
            code, failure = said["code"], said.get("sub_code", "").removeprefix("aop.")
        except OSError:  # of `requests` too
            raise
        except Exception as error:
            raise ConnectionError("alipay: an answer that is not Alipay's") from error  # it raises nothing more special
        if code not in (_DONE, _FAILED) or failure in _LATER:
            raise ConnectionError(f"alipay: {code} {failure}")
        return failure, said


def _done(code: str, said: Json) -> Json:
    """The answer of what was done. Errors: `RefusedError`."""
    if code:
        raise RefusedError(code)
    return said


@reading()
def _trade(said: Mapping[str, str], paid: str) -> Trade:
    """A trade whose money was given back whole is closed for Alipay; that it was paid its time tells, in this field."""
    pay_time = said.get(paid)
    state = _STATES[said["trade_status"]]
    given_back = state is TradeState.CLOSED and pay_time
    return Trade(
        payment_id=UUID(said["out_trade_no"]),
        state=TradeState.PAID if given_back else state,
        amount_minor=minor_of(said["total_amount"]),
        currency=CURRENCY,
        reference=said.get("trade_no", ""),
        pay_time=china_time(pay_time).astimezone(UTC) if pay_time else None,
    )


@reading()
def _refund(payment_id: UUID, refund_id: UUID, said: Json) -> Refund:
    return Refund(
        payment_id=payment_id,
        refund_id=refund_id,
        state=RefundState.DONE,
        amount_minor=minor_of(said["refund_amount"]),
        currency=CURRENCY,
        reference=said["trade_no"],  # it has no number of its own
    )
