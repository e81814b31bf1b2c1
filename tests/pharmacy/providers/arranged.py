"""Adapters on a cashier, and payments in some state."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from kit.clock import Clock, utc_now
from services.pharmacy.providers import choose
from services.pharmacy.providers.port import Provider, Refund, RefundState
from stack.cashier.part import Cashier
from tests.kit.running import until
from tests.pharmacy.providers.cashier import Hands

NAMES = ("sandbox", "alipay", "wechat")
AMOUNT = 12_345


async def started(provider: Provider, amount_minor: int = AMOUNT) -> tuple[UUID, str]:
    payment_id = uuid4()
    expire_time = datetime.now(UTC) + timedelta(minutes=15)
    return payment_id, await provider.start(payment_id, amount_minor, "CNY", "杏林药房 订单", expire_time)


async def paid(provider: Provider, hands: Hands, amount_minor: int = AMOUNT) -> UUID:
    payment_id, order = await started(provider, amount_minor)
    assert await hands.pay(provider.name, order) == 200
    return payment_id


async def refunded(provider: Provider, payment_id: UUID, amount_minor: int, total_minor: int = AMOUNT) -> Refund:
    """A refund that is through."""
    refund_id = uuid4()
    await provider.refund(payment_id, refund_id, amount_minor, total_minor, "CNY", "缺货")

    async def done() -> bool:
        refund = await provider.find_refund(payment_id, refund_id)
        return refund is not None and refund.state is RefundState.DONE

    await until(done)
    found = await provider.find_refund(payment_id, refund_id)
    assert found
    return found


def build(cashier: Cashier, url: str, clock: Clock = utc_now, **changes: str) -> dict[str, Provider]:
    """Every adapter, made of what the pharmacy is told, but for the changes; they are called at this URL."""
    told = {key.removeprefix("APRICOT_").lower(): value for key, value in cashier.merchant(url).items()}
    return choose.build(NAMES, {"wechat_certificates": ""} | told | changes, url, clock)
