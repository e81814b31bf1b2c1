"""Only what a provider has signed for us, and lately, is believed; that again and again."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from kit.clock import Clock, utc_now
from services.pharmacy.providers.port import ForgedCallbackError, Provider, Refund, Trade
from stack.cashier.keys import certify, new_key
from stack.cashier.part import Cashier
from tests.kit.running import until
from tests.pharmacy.providers.arranged import AMOUNT, NAMES, build, paid, refunded
from tests.pharmacy.providers.cashier import Call, Hands, Merchant

FORGERIES = [
    *(("sandbox", forgery) for forgery in ("signature", "certificate", "age", "app", "merchant")),
    *(("alipay", forgery) for forgery in ("signature", "app", "merchant")),  # its callbacks have no age
    *(("wechat", forgery) for forgery in ("signature", "certificate", "age", "app", "merchant")),
]


async def callback(provider: Provider, hands: Hands, merchant: Merchant, **alteration: Any) -> Call:
    """What the cashier sends of a payment."""
    payment_id = await dropped(provider, hands)
    await hands.send(payment_id.hex, **alteration)
    return await merchant.next()


async def dropped(provider: Provider, hands: Hands) -> UUID:
    """A payment of which nothing is told by itself."""
    await hands.notices("drop")
    payment_id = await paid(provider, hands)

    async def gone() -> bool:
        return all(notice["taken"] for notice in await hands.told(payment_id.hex))

    await until(gone)
    await hands.notices("send")
    return payment_id


def later(**amount: float) -> Clock:
    return lambda: utc_now() + timedelta(**amount)


@pytest.mark.parametrize(("name", "forgery"), FORGERIES)
async def test_a_forged_one_is_refused(
    name: str, forgery: str, providers: dict[str, Provider], hands: Hands, merchant: Merchant
) -> None:
    call = await callback(providers[name], hands, merchant, forge=forgery)
    with pytest.raises(ForgedCallbackError):
        await providers[name].read_callback(call.headers, call.body)


async def test_one_that_was_changed_on_its_way_is_refused(provider: Provider, hands: Hands, merchant: Merchant) -> None:
    call = await callback(provider, hands, merchant)
    other = b"123.46" if provider.name == "alipay" else b"12346"
    changed = [call.body[:-2], call.body + b" ", call.body.replace(b"a", b"b"), call.body.swapcase()]
    changed += [call.body.replace(b"123.45", other).replace(b"12345", other)] if provider.name != "wechat" else []
    for body in changed:
        assert body != call.body
        with pytest.raises(ForgedCallbackError):
            await provider.read_callback(call.headers, body)
    assert isinstance(await provider.read_callback(call.headers, call.body), Trade)


async def test_one_without_its_headers_is_refused(
    providers: dict[str, Provider], hands: Hands, merchant: Merchant
) -> None:
    for name in ("sandbox", "wechat"):
        call = await callback(providers[name], hands, merchant)
        signed = [header for header in call.headers if header.startswith(("Sandbox-", "Wechatpay-"))]
        assert len(signed) >= 2
        for header in signed:
            for value in ("", "0", "x" * 4000, "é"):
                with pytest.raises(ForgedCallbackError):
                    await providers[name].read_callback(call.headers | {header: value}, call.body)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"null", b"[1]", b"\xff\xfe\x00", b"a" * 65_536, b"sign=x&a=b", b"sign=%ff"]
)
async def test_what_is_no_callback_is_refused(
    provider: Provider, hands: Hands, merchant: Merchant, body: bytes
) -> None:
    headers = (await callback(provider, hands, merchant)).headers
    for given in ({}, headers):
        with pytest.raises(ForgedCallbackError):
            await provider.read_callback(given, body)


async def test_another_provider_s_callback_is_refused(
    providers: dict[str, Provider], hands: Hands, merchant: Merchant
) -> None:
    for name in NAMES:
        call = await callback(providers[name], hands, merchant)
        for other in providers.values():
            if other.name != name:
                with pytest.raises(ForgedCallbackError):
                    await other.read_callback(call.headers, call.body)


async def test_the_same_again_says_the_same(provider: Provider, hands: Hands, merchant: Merchant) -> None:
    call = await callback(provider, hands, merchant)
    one, again = [await provider.read_callback(call.headers, call.body) for _ in range(2)]
    assert one == again


async def test_what_was_signed_is_said_as_it_is(provider: Provider, hands: Hands, merchant: Merchant) -> None:
    """Whether the amount is the order's is not for the provider's adapter to know."""
    other = uuid4()
    call = await callback(provider, hands, merchant, amount_minor=1, out_trade_no=other.hex)
    said = await provider.read_callback(call.headers, call.body)
    assert isinstance(said, Trade)
    assert (said.amount_minor, said.payment_id) == (1, other)


async def test_five_minutes_are_too_old(cashier: Cashier, hands: Hands, merchant: Merchant) -> None:
    for name in ("sandbox", "wechat"):
        one = build(cashier, merchant.url)[name]
        call = await callback(one, hands, merchant)
        for clock, taken in ((later(minutes=4), True), (later(minutes=6), False), (later(minutes=-6), False)):
            reader = build(cashier, merchant.url, clock)[name]
            if taken:
                assert await reader.read_callback(call.headers, call.body)
            else:
                with pytest.raises(ForgedCallbackError):
                    await reader.read_callback(call.headers, call.body)


async def test_what_was_sealed_by_another_key_is_refused(cashier: Cashier, hands: Hands, merchant: Merchant) -> None:
    wechat = build(cashier, merchant.url)["wechat"]
    call = await callback(wechat, hands, merchant)
    stranger = build(cashier, merchant.url, wechat_apiv3_key="0" * 32)["wechat"]
    with pytest.raises(ForgedCallbackError):
        await stranger.read_callback(call.headers, call.body)


async def test_wechat_s_certificates_are_renewed(
    cashier: Cashier, hands: Hands, merchant: Merchant, tmp_path: Path
) -> None:
    """A merchant without the public key, that has an old certificate alone."""
    (tmp_path / "old.pem").write_text(certify(new_key()))
    without_key: Any = {"wechat_public_key": "", "wechat_public_key_id": "", "wechat_certificates": str(tmp_path)}
    call = await callback(build(cashier, merchant.url, **without_key)["wechat"], hands, merchant)
    newcomer = build(cashier, merchant.url, **without_key)["wechat"]
    assert isinstance(await newcomer.read_callback(call.headers, call.body), Trade)
    assert len(list(tmp_path.iterdir())) == 2


async def test_strangers_do_not_make_us_ask_wechat(
    cashier: Cashier, hands: Hands, merchant: Merchant, tmp_path: Path
) -> None:
    (tmp_path / "old.pem").write_text(certify(new_key()))
    nowhere: Any = {"wechat_url": "http://127.0.0.1:1", "wechat_certificates": str(tmp_path)}
    wechat = build(cashier, merchant.url)["wechat"]
    call = await callback(wechat, hands, merchant)
    asking = build(cashier, merchant.url, **nowhere)["wechat"]
    unknown = call.headers | {"Wechatpay-Serial": "ABCDEF"}
    with pytest.raises(OSError):  # noqa: PT011 the first may be a new certificate
        await asking.read_callback(unknown, call.body)
    for _ in range(3):
        with pytest.raises(ForgedCallbackError):
            await asking.read_callback(unknown, call.body)
    # What is signed by the key that we know needs no certificate.
    assert await asking.read_callback(call.headers, call.body)


async def test_each_refund_is_told_with_its_own_amount(provider: Provider, hands: Hands, merchant: Merchant) -> None:
    payment_id = await dropped(provider, hands)
    refunds = {
        one.refund_id: one for one in [await refunded(provider, payment_id, part) for part in (1, 20, AMOUNT - 21)]
    }
    while refunds:
        call = await merchant.next()
        said = await provider.read_callback(call.headers, call.body)
        assert isinstance(said, Refund)
        assert said == refunds.pop(said.refund_id)
