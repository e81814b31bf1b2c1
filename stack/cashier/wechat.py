"""WeChat Pay's language, interface v3: what a merchant's app uses of it."""

import gzip
import hashlib
import json
import re
import secrets
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509 import load_pem_x509_certificate

from stack.cashier.book import Book, Refund, RefusedError, Trade
from stack.cashier.china import CHINA
from stack.cashier.controls import Gates
from stack.cashier.dialect import Alteration, Message
from stack.cashier.keys import WeChatKeys
from stack.cashier.rsa import is_signed, private, public, sign
from stack.cashier.wechat_bill import bill

SCHEME = "WECHATPAY2-SHA256-RSA2048"
LONGEST_AGE = 300
_WORDS = {
    "UNKNOWN": (404, "ORDER_NOT_EXIST"),
    "PAID": (400, "ORDERPAID"),
    "CLOSED": (400, "ORDER_CLOSED"),
    "NOT_PAID": (400, "INVALID_REQUEST"),
    "OTHER": (403, "OUT_TRADE_NO_USED"),
    "TOO_MUCH": (400, "INVALID_REQUEST"),
    "NOT_YET": (400, "NO_STATEMENT_EXIST"),
    "WRONG": (400, "PARAM_ERROR"),
    "BUSY": (500, "SYSTEM_ERROR"),
    "EMPTY": (403, "NOT_ENOUGH"),
}

type Json = dict[str, Any]
type Deed = Callable[[web.Request, Json], Awaitable[Json | None]]


class WeChat:
    name = "wechat"

    def __init__(self, book: Book, gates: Gates, keys: WeChatKeys, url: str) -> None:
        self._book, self._gates, self._keys, self._url = book, gates, keys, url
        self._merchant = public(keys.merchant_public_key)
        certificate = load_pem_x509_certificate(keys.certificate.encode())
        self._serial = f"{certificate.serial_number:X}"
        self._signers = {
            keys.public_key_id: private(keys.wechat_private_key),
            self._serial: private(keys.certificate_private_key),
        }

    def routes(self) -> list[web.RouteDef]:
        trade = "/v3/pay/transactions/out-trade-no/{out_trade_no}"
        refunds = "/v3/refund/domestic/refunds"
        return [
            web.post("/v3/pay/transactions/app", self._answering("start", self._start)),
            web.get(trade, self._answering("find", self._find)),
            web.post(f"{trade}/close", self._answering("close", self._close)),
            web.post(refunds, self._answering("refund", self._refund)),
            web.get(f"{refunds}/{{out_refund_no}}", self._answering("find_refund", self._find_refund)),
            web.get("/v3/bill/tradebill", self._answering("statement", self._statement)),
            web.get("/v3/billdownload/file", self._download),
            web.get("/v3/certificates", self._answering("certificates", self._certificates)),
        ]

    def open(self, order: str) -> Trade:
        """As WeChat's app does: only what the merchant signed."""
        said = json.loads(order)
        signed = "".join(f"{said[name]}\n" for name in ("appid", "timestamp", "noncestr", "prepayid"))
        if not is_signed(self._merchant, said["sign"], signed) or said["partnerid"] != self._keys.mchid:
            raise RefusedError("WRONG")
        return self._book.by_prepay_id(self.name, said["prepayid"])

    def notice(self, trade: Trade, refund: Refund | None, alteration: Alteration) -> Message:
        said = self._refund_told(trade, refund) if refund else self._trade_told(trade)
        amount: Json = dict(said["amount"])
        if alteration.amount_minor is not None:
            amount["refund" if refund else "total"] = alteration.amount_minor
        if alteration.currency is not None:
            amount["currency"] = alteration.currency
        said |= {"amount": amount, "out_trade_no": alteration.out_trade_no or trade.out_trade_no}
        if alteration.state is not None:
            said["refund_status" if refund else "trade_state"] = alteration.state
        said |= {"appid": "wx0000"} if alteration.forge == "app" else {}
        said |= {"mchid": "1900000000"} if alteration.forge == "merchant" else {}
        body = json.dumps(
            {
                "id": secrets.token_hex(16),
                "create_time": _time(time.time()),
                "resource_type": "encrypt-resource",
                "event_type": "REFUND.SUCCESS" if refund else "TRANSACTION.SUCCESS",
                "summary": "退款成功" if refund else "支付成功",
                "resource": self._encrypt(json.dumps(said), "refund" if refund else "transaction"),
            },
            ensure_ascii=False,
        )
        age = 3600 if alteration.forge == "age" else 0
        headers = self._sign(body, trade.key, age)
        if alteration.forge == "signature":
            headers["Wechatpay-Signature"] = sign(self._other_signer(trade.key), "something else")
        if alteration.forge == "certificate":
            headers["Wechatpay-Serial"] = secrets.token_hex(20).upper()
        return Message({"Content-Type": "application/json; charset=utf-8", **headers}, body.encode())

    def is_taken(self, status: int, body: str) -> bool:
        return status in (200, 204)

    def _answering(self, kind: str, deed: Deed) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        return partial(self._answer, kind, deed)

    async def _answer(self, kind: str, deed: Deed, request: web.Request) -> web.Response:
        body = await request.text()
        if not self._is_genuine(request, body):
            return self._signed(request, 401, {"code": "SIGN_ERROR", "message": "签名错误"})
        try:
            async with self._gates.passing(kind):
                said = await deed(request, json.loads(body) if body else {})
        except RefusedError as refusal:
            status, code = _WORDS[refusal.code]
            if status == 404 and kind in ("refund", "find_refund"):
                code = "RESOURCE_NOT_EXISTS"
            return self._signed(request, status, {"code": code, "message": refusal.code})
        return self._signed(request, 204 if said is None else 200, said)

    def _is_genuine(self, request: web.Request, body: str) -> bool:
        scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
        given = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        if scheme != SCHEME or (given.get("mchid"), given.get("serial_no")) != (
            self._keys.mchid,
            self._keys.merchant_serial,
        ):
            return False
        timestamp = given.get("timestamp", "")
        if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > LONGEST_AGE:
            return False
        lines = (request.method, request.raw_path, timestamp, given.get("nonce_str", ""), body)
        return is_signed(self._merchant, given.get("signature", ""), "".join(f"{line}\n" for line in lines))

    def _signed(self, request: web.Request, status: int, said: Json | None) -> web.Response:
        body = "" if said is None else json.dumps(said, ensure_ascii=False)
        headers = self._sign(body, request.headers.get("Wechatpay-Serial", ""))
        return web.Response(status=status, text=body, content_type="application/json", headers=headers)

    def _sign(self, body: str, key: str, age: int = 0) -> dict[str, str]:
        """By the public key that the merchant named, or else by the certificate."""
        serial = key if key in self._signers else self._serial
        timestamp, nonce = str(int(time.time()) - age), secrets.token_hex(16)
        return {
            "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": serial,
            "Wechatpay-Signature": sign(self._signers[serial], f"{timestamp}\n{nonce}\n{body}\n"),
            "Wechatpay-Signature-Type": SCHEME,
        }

    def _other_signer(self, key: str) -> RSAPrivateKey:
        return next(signer for serial, signer in self._signers.items() if serial != key)

    def _encrypt(self, text: str, kind: str) -> Json:
        nonce = secrets.token_hex(6)
        sealed = AESGCM(self._keys.apiv3_key.encode()).encrypt(nonce.encode(), text.encode(), kind.encode())
        return {
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": b64encode(sealed).decode(),
            "nonce": nonce,
            "associated_data": kind,
            "original_type": kind,
        }

    async def _start(self, request: web.Request, wanted: Json) -> Json:
        if (wanted["appid"], wanted["mchid"]) != (self._keys.appid, self._keys.mchid):
            raise RefusedError("WRONG")
        trade = Trade(
            provider=self.name,
            out_trade_no=wanted["out_trade_no"],
            amount_minor=wanted["amount"]["total"],
            currency=wanted["amount"]["currency"],
            description=wanted["description"],
            expire_time=datetime.fromisoformat(wanted["time_expire"]).timestamp(),
            notify_url=wanted["notify_url"],
            key=request.headers.get("Wechatpay-Serial", ""),
        )
        return {"prepay_id": self._book.begin(trade).prepay_id}

    async def _find(self, request: web.Request, _: Json) -> Json:
        if request.query.get("mchid") != self._keys.mchid:
            raise RefusedError("WRONG")
        return self._trade_told(self._book.get(self.name, request.match_info["out_trade_no"]))

    async def _close(self, request: web.Request, _: Json) -> None:
        self._book.close(self.name, request.match_info["out_trade_no"])

    async def _refund(self, _: web.Request, wanted: Json) -> Json:
        trade = self._book.get(self.name, wanted["out_trade_no"])
        amount = wanted["amount"]
        if (amount["total"], amount["currency"]) != (trade.amount_minor, trade.currency):
            raise RefusedError("NOT_PAID")
        refund = Refund(
            *(self.name, trade.out_trade_no, wanted["out_refund_no"], amount["refund"], wanted.get("reason", "")),
            notify_url=wanted.get("notify_url", ""),
        )
        known = self._book.find_refund(self.name, refund.out_refund_no)
        return self._refund_found(trade, self._book.refund(refund), "SUCCESS" if known else "PROCESSING")

    async def _find_refund(self, request: web.Request, _: Json) -> Json:
        refund = self._book.get_refund(self.name, request.match_info["out_refund_no"])
        return self._refund_found(self._book.get(self.name, refund.out_trade_no), refund, "SUCCESS")

    async def _statement(self, request: web.Request, _: Json) -> Json:
        day = request.query["bill_date"]
        movements = self._book.statement(self.name, date.fromisoformat(day))
        if not movements:
            raise RefusedError("NOT_YET")
        digest = hashlib.sha1(bill(movements, self._keys.appid, self._keys.mchid), usedforsecurity=False).hexdigest()
        url = f"{self._url}/v3/billdownload/file?token={day}"
        return {"hash_type": "SHA1", "hash_value": digest, "download_url": url}

    async def _download(self, request: web.Request) -> web.Response:
        if not self._is_genuine(request, ""):
            return web.Response(status=401)
        movements = self._book.statement(self.name, date.fromisoformat(request.query["token"]))
        return web.Response(
            body=gzip.compress(bill(movements, self._keys.appid, self._keys.mchid)),
            content_type="application/octet-stream",
        )

    async def _certificates(self, _: web.Request, __: Json) -> Json:
        certificate = load_pem_x509_certificate(self._keys.certificate.encode())
        return {
            "data": [
                {
                    "serial_no": self._serial,
                    "effective_time": certificate.not_valid_before_utc.astimezone(CHINA).isoformat(),
                    "expire_time": certificate.not_valid_after_utc.astimezone(CHINA).isoformat(),
                    "encrypt_certificate": self._encrypt(self._keys.certificate, "certificate"),
                }
            ]
        }

    def _trade_told(self, trade: Trade) -> Json:
        state = {"WAITING": "NOTPAY", "PAID": "SUCCESS", "CLOSED": "CLOSED"}[trade.state]
        if trade.state == "PAID" and self._book.refunded(self.name, trade.out_trade_no):
            state = "REFUND"
        said: Json = {
            "appid": self._keys.appid,
            "mchid": self._keys.mchid,
            "out_trade_no": trade.out_trade_no,
            "trade_state": state,
            "trade_state_desc": state,
            "amount": {"total": trade.amount_minor, "currency": trade.currency},
        }
        if trade.state == "PAID":
            said |= {
                "transaction_id": trade.reference,
                "trade_type": "APP",
                "bank_type": "OTHERS",
                "success_time": _time(trade.pay_time),
                "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
            }
        return said

    def _refund_found(self, trade: Trade, refund: Refund, status: str) -> Json:
        return {
            "refund_id": refund.reference,
            "out_refund_no": refund.out_refund_no,
            "transaction_id": trade.reference,
            "out_trade_no": trade.out_trade_no,
            "channel": "ORIGINAL",
            "user_received_account": "支付用户零钱",
            "create_time": _time(refund.refund_time),
            "status": status,
            "amount": {"total": trade.amount_minor, "refund": refund.amount_minor, "currency": trade.currency},
        }

    def _refund_told(self, trade: Trade, refund: Refund) -> Json:
        return {
            "mchid": self._keys.mchid,
            "transaction_id": trade.reference,
            "out_trade_no": trade.out_trade_no,
            "refund_id": refund.reference,
            "out_refund_no": refund.out_refund_no,
            "refund_status": "SUCCESS",
            "success_time": _time(refund.refund_time),
            "user_received_account": "支付用户零钱",
            "amount": {"total": trade.amount_minor, "refund": refund.amount_minor},
        }


def _time(instant: float) -> str:
    return datetime.fromtimestamp(instant, CHINA).isoformat(timespec="seconds")
