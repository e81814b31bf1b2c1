"""WeChat Pay, payments in apps, by the library `wechatpayv3`: it signs, verifies and decrypts."""

import hashlib
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any
from uuid import UUID

from wechatpayv3 import WeChatPay, WeChatPayType

from kit.clock import Clock
from services.pharmacy.providers.china import CHINA, CURRENCY, is_settled, refund_id_of
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
from services.pharmacy.providers.wechat_bill import lines_of

LONGEST_AGE = timedelta(minutes=5)
_BETWEEN_LOOKS = timedelta(minutes=1)
_LONGEST_DESCRIPTION = 127
_SIGNED = tuple(f"Wechatpay-{name}" for name in ("Signature", "Timestamp", "Nonce", "Serial", "Signature-Type"))
_LATER = {"NOTENOUGH", "FREQUENCYLIMITED", "SYSTEMERROR", "SIGNERROR"}
"""Nothing about the payment itself: the account is empty, too many calls, their fault or our certificate's."""

_STATES = {
    "SUCCESS": TradeState.PAID,
    "REFUND": TradeState.PAID,
    "NOTPAY": TradeState.WAITING,
    "USERPAYING": TradeState.WAITING,
    "ACCEPT": TradeState.WAITING,
    "PAYERROR": TradeState.WAITING,
    "CLOSED": TradeState.CLOSED,
    "REVOKED": TradeState.CLOSED,
}
_REFUND_STATES = {
    "SUCCESS": RefundState.DONE,
    "PROCESSING": RefundState.UNDER_WAY,
    "CLOSED": RefundState.FAILED,
    "ABNORMAL": RefundState.FAILED,
}

type Json = dict[str, Any]


class WeChat:
    """WeChat's adapter."""

    name = "wechat"

    def __init__(
        self,
        *,
        url: str,
        appid: str,
        mchid: str,
        apiv3_key: str,
        certificate_serial: str,
        private_key: str,
        public_key_id: str,
        public_key: str,
        certificates: str,
        notify_url: str,
        clock: Clock,
    ) -> None:
        """Answers are verified by WeChat's public key; without it, by the platform certificates in a folder, where
        new ones are added as WeChat publishes them. Errors: ValueError when the folder has none."""
        if certificates and not list(Path(certificates).glob("*.pem")):
            raise ValueError("no platform certificate of WeChat's")
        self._pay = WeChatPay(
            WeChatPayType.APP,
            mchid,
            private_key,
            certificate_serial,
            appid,
            apiv3_key,
            notify_url,
            cert_dir=certificates or None,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            public_key=public_key or None,
            public_key_id=public_key_id or None,
        )
        self._pay._core._gate_way = url.rstrip("/")  # the library has no setting for it
        self._appid, self._mchid = appid, mchid
        self._public_key_id, self._has_certificates = public_key_id, bool(certificates)
        self._clock = clock
        self._next_look = datetime.min.replace(tzinfo=UTC)
        self._threads = Threads("wechat")

    async def start(
        self, payment_id: UUID, amount_minor: int, currency: str, description: str, expire_time: datetime
    ) -> str:
        status, said = await self._ask(
            self._pay.pay,
            description=description[:_LONGEST_DESCRIPTION],
            out_trade_no=payment_id.hex,
            amount={"total": amount_minor, "currency": currency},
            time_expire=expire_time.astimezone(CHINA).isoformat(timespec="seconds"),
        )
        prepay_id = _done(status, said)["prepay_id"]
        timestamp, nonce = str(int(self._clock().timestamp())), token_hex(16)
        order = {
            "appid": self._appid,
            "partnerid": self._mchid,
            "prepayid": prepay_id,
            "package": "Sign=WXPay",
            "noncestr": nonce,
            "timestamp": timestamp,
            "sign": self._pay.sign([self._appid, timestamp, nonce, prepay_id]),
        }
        return json.dumps(order)

    async def find(self, payment_id: UUID) -> Trade | None:
        status, said = await self._ask(self._pay.query, out_trade_no=payment_id.hex)
        return None if status == 404 else _trade(_done(status, said))

    async def close(self, payment_id: UUID) -> None:
        status, said = await self._ask(self._pay.close, out_trade_no=payment_id.hex)
        if status != 404 and _code(said) != "ORDERCLOSED":
            _done(status, said)

    async def refund(
        self, payment_id: UUID, refund_id: UUID, amount_minor: int, total_minor: int, currency: str, reason: str
    ) -> Refund:
        status, said = await self._ask(
            self._pay.refund,
            out_refund_no=refund_id.hex,
            out_trade_no=payment_id.hex,
            amount={"refund": amount_minor, "total": total_minor, "currency": currency},
            reason=reason,
        )
        return _refund(_done(status, said), "status")

    async def find_refund(self, payment_id: UUID, refund_id: UUID) -> Refund | None:
        status, said = await self._ask(self._pay.query_refund, out_refund_no=refund_id.hex)
        return None if status == 404 else _refund(_done(status, said), "status")

    async def statement(self, day: date) -> Sequence[StatementLine] | None:
        status, said = await self._ask(self._pay.trade_bill, bill_date=day.isoformat())
        if _code(said) == "STATEMENTCREATING":
            return None
        if _code(said) == "NOSTATEMENTEXIST":
            return [] if is_settled(day, self._clock()) else None
        bill = _done(status, said)
        with reading():
            status, content = await self._threads.run(self._pay.download_bill, bill["download_url"])
            text = zlib.decompress(content, wbits=zlib.MAX_WBITS | 16) if status == 200 else b""
            if hashlib.sha1(text, usedforsecurity=False).hexdigest() != bill["hash_value"].lower():
                raise ConnectionError("wechat: a statement that did not arrive whole")
            return lines_of(text.decode("utf-8-sig"))

    async def read_callback(self, headers: Mapping[str, str], body: bytes) -> Trade | Refund:
        signed = {name: headers.get(name, "") for name in _SIGNED}
        self._hold_age(signed["Wechatpay-Timestamp"])
        await self._hold_serial(signed["Wechatpay-Serial"])
        try:
            said = await self._threads.run(self._pay.callback, signed, body)
        except OSError:
            raise
        except Exception as error:
            raise ForgedCallbackError("unreadable") from error  # the library raises nothing more special
        if not said:
            raise ForgedCallbackError("wrong signature")
        resource: Json = said["resource"]
        is_refund = resource.get("out_refund_no") is not None
        if resource.get("mchid") != self._mchid or not (is_refund or resource.get("appid") == self._appid):
            raise ForgedCallbackError("for another app or merchant")
        return _refund(resource, "refund_status") if is_refund else _trade(resource)

    def answer(self, *, taken: bool) -> tuple[int, str, str]:
        if taken:
            return 200, "application/json", json.dumps({"code": "SUCCESS"})
        return 503, "application/json", json.dumps({"code": "FAIL", "message": "later"})

    async def _ask(self, deed: Callable[..., Any], **given: Any) -> tuple[int, Json]:
        """Status and answer, whose signature the library has verified. Errors: an outage."""
        try:
            status, text = await self._threads.run(deed, **given)
            said: Json = json.loads(text) if text and status < 500 else {}
        except OSError:  # of `requests` too
            raise
        except Exception as error:
            raise ConnectionError("wechat: an answer that is not WeChat's") from error  # it raises nothing more special
        if status >= 500 or status in (401, 429) or _code(said) in _LATER:
            raise ConnectionError(f"wechat: {status} {_code(said)}")
        return status, said

    def _hold_age(self, timestamp: str) -> None:
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
            raise ForgedCallbackError("no timestamp")
        if abs(self._clock() - datetime.fromtimestamp(int(timestamp), UTC)) > LONGEST_AGE:
            raise ForgedCallbackError("too old")

    async def _hold_serial(self, serial: str) -> None:
        """The library would ask WeChat about each serial number that it does not know. Here strangers name them: so
        we ask only where there are certificates, and not too often."""
        if serial == self._public_key_id != "":
            return
        try:
            number = int(serial, 16)
        except ValueError as error:
            raise ForgedCallbackError("unknown key") from error
        now = self._clock()
        if not self._knows(number) and self._has_certificates and now >= self._next_look:
            self._next_look = now + _BETWEEN_LOOKS
            await self._threads.run(self._look)
        if not self._knows(number):
            raise ForgedCallbackError("unknown certificate")

    def _knows(self, number: int) -> bool:
        return any(known.serial_number == number for known in tuple(self._pay._core._certificates))

    def _look(self) -> None:
        """Ask for WeChat's certificates. The library forgets those it has before it asks; if it is in vain, they
        stay."""
        kept = list(self._pay._core._certificates)
        try:
            self._pay._core._update_certificates()
        finally:
            self._pay._core._certificates += [one for one in kept if one not in self._pay._core._certificates]


def _code(said: Json) -> str:
    """WeChat spells some of its codes in two ways: ORDERNOTEXIST and ORDER_NOT_EXIST."""
    return str(said.get("code", "")).replace("_", "")


def _done(status: int, said: Json) -> Json:
    """The answer of what was done. Errors: `RefusedError`, `AlreadyPaidError`."""
    if status < 300:
        return said
    raise AlreadyPaidError(_code(said)) if _code(said) == "ORDERPAID" else RefusedError(_code(said))


@reading()
def _trade(said: Json) -> Trade:
    success_time = said.get("success_time")
    return Trade(
        payment_id=UUID(said["out_trade_no"]),
        state=_STATES[said["trade_state"]],
        amount_minor=said["amount"]["total"],
        currency=said["amount"].get("currency", CURRENCY),
        reference=said.get("transaction_id", ""),
        pay_time=datetime.fromisoformat(success_time).astimezone(UTC) if success_time else None,
    )


@reading()
def _refund(said: Json, state: str) -> Refund:
    payment_id = UUID(said["out_trade_no"])
    return Refund(
        payment_id=payment_id,
        refund_id=refund_id_of(payment_id, said["out_refund_no"]),
        state=_REFUND_STATES[said[state]],
        amount_minor=said["amount"]["refund"],
        currency=said["amount"].get("currency", CURRENCY),  # not in callbacks
        reference=said["refund_id"],
    )
