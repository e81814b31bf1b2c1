"""The ledger: what the database itself refuses, and who may see what."""

from uuid import uuid4

import asyncpg
import pytest
from apricot.errors.v1.reason_pb2 import REASON_INVALID_PAGE_TOKEN, REASON_NOT_FOUND
from apricot.pharmacy.v1 import ledger_pb2 as pb
from prometheus_client import REGISTRY

from services.pharmacy.domain.ledger import Event, Kind
from services.pharmacy.domain.orders import Act
from services.pharmacy.rpc.errors import ERRORS
from services.pharmacy.store import disputes
from tests.in_process import refused_by
from tests.pharmacy.money.shop import COMMISSION, GOODS, TOTAL, Shop

BOOK = (
    "insert into ledger_entry (event, reference, line, account, owner, amount_minor, currency, time) "
    "values ($1, $2, $3, $4, '', $5, $6, now())"
)


@pytest.mark.parametrize(
    "lines",
    [
        [(1, 100, "CNY")],
        [(1, 100, "CNY"), (2, -99, "CNY")],
        [(1, 100, "CNY"), (2, -100, "USD")],
    ],
)
async def test_what_does_not_sum_to_zero_is_refused_at_the_commit(
    shop: Shop, lines: list[tuple[int, int, str]]
) -> None:
    reference = str(uuid4())
    async with shop.database.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        for line, amount, currency in lines:
            await connection.execute(BOOK, 1, reference, line, 1, amount, currency)
        with pytest.raises(asyncpg.CheckViolationError):
            await transaction.commit()
    assert await shop.fetch("select from ledger_entry where reference = $1", reference) == []


async def test_a_line_beside_what_is_booked_is_refused(shop: Shop) -> None:
    _, payment_id = await shop.paid_order()
    with pytest.raises(asyncpg.CheckViolationError):
        await shop.fetch(BOOK, 1, str(payment_id), 3, 5, 7, "CNY")
    with pytest.raises(asyncpg.UniqueViolationError):
        await shop.fetch(BOOK, 1, str(payment_id), 1, 5, 7, "CNY")
    with pytest.raises(asyncpg.CheckViolationError):
        await shop.fetch(BOOK, 1, str(uuid4()), 1, 5, 0, "CNY")


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger_entry set amount_minor = 1 where order_id = $1",
        "delete from ledger_entry where order_id = $1",
        "delete from ledger_entry where $1::uuid is not null",
    ],
)
async def test_what_was_booked_stays(shop: Shop, statement: str) -> None:
    order_id, _ = await shop.paid_order()
    with pytest.raises(asyncpg.PostgresError, match=r"kept|stays"):
        await shop.fetch(statement, order_id)
    with pytest.raises(asyncpg.PostgresError, match="kept"):
        await shop.fetch("truncate ledger_entry")
    assert len(await shop.entries(order_id)) == 2


async def test_a_pharmacy_sees_what_it_is_owed_and_no_other_does(shop: Shop) -> None:
    await shop.delivered_order()
    returned, _ = await shop.delivered_order()
    await shop.paid_order()  # not yet the pharmacy's
    request = pb.GetPharmacyBalanceRequest(pharmacy_id=str(shop.pharmacy))
    call = shop.call("LedgerService/GetPharmacyBalance", shop.pharmacist)

    async def owed() -> list[tuple[str, int]]:
        response = await shop.ledger.GetPharmacyBalance(request, call)
        return [(each.currency_code, each.amount_minor) for each in response.balances]

    assert await owed() == [("CNY", 2 * (GOODS - COMMISSION))]
    await shop.move(returned, Act.ASK_RETURN, Act.ACCEPT_RETURN)
    assert await owed() == [("CNY", 2 * (GOODS - COMMISSION) - (TOTAL - COMMISSION))]
    with refused_by(ERRORS, REASON_NOT_FOUND):
        await shop.ledger.GetPharmacyBalance(request, shop.call("LedgerService/GetPharmacyBalance", uuid4()))


async def test_all_accounts_together_sum_to_zero(shop: Shop) -> None:
    await shop.delivered_order()
    call = shop.call("LedgerService/GetLedgerBalances", shop.admin)
    response = await shop.ledger.GetLedgerBalances(pb.GetLedgerBalancesRequest(), call)
    assert {each.account for each in response.balances} >= {
        pb.ACCOUNT_KIND_PROVIDER_CLEARING,
        pb.ACCOUNT_KIND_PHARMACY,
        pb.ACCOUNT_KIND_COURIER,
        pb.ACCOUNT_KIND_PLATFORM_COMMISSION,
    }
    assert sum(each.amount_minor for each in response.balances) == 0
    await shop.books.weigh_once()
    assert REGISTRY.get_sample_value("apricot_ledger_imbalance_minor") == 0


async def test_entries_come_by_pages_and_reading_them_is_audited(shop: Shop) -> None:
    order_id, _ = await shop.delivered_order()
    whole = await shop.entries(order_id)
    assert len(whole) == 6
    call = shop.call("LedgerService/ListLedgerEntries", shop.admin)
    request = pb.ListLedgerEntriesRequest(order_id=str(order_id), page_size=4)
    paged: list[pb.LedgerEntry] = []
    while True:
        response = await shop.ledger.ListLedgerEntries(request, call)
        paged += response.entries
        if not response.next_page_token:
            break
        request.page_token = response.next_page_token
    assert paged == whole
    assert await shop.fetch("select from outbox where subject = $1", f"apricot.pharmacy.access.used.{shop.buyer}")
    request.order_id = str(uuid4())
    with refused_by(ERRORS, REASON_INVALID_PAGE_TOKEN):
        await shop.ledger.ListLedgerEntries(request, call)
    request.page_token = ""
    with refused_by(ERRORS, REASON_NOT_FOUND):
        await shop.ledger.ListLedgerEntries(request, call)


def test_the_contract_numbers_accounts_events_and_disputes_alike() -> None:
    pairs = ((Kind, pb.AccountKind, "ACCOUNT_KIND_"), (Event, pb.LedgerEvent, "LEDGER_EVENT_"))
    for ours, theirs, prefix in (*pairs, (disputes.Kind, pb.DisputeKind, "DISPUTE_KIND_")):
        told = {name.removeprefix(prefix): number for name, number in theirs.items() if number}
        assert {each.name: each.value for each in ours} == told
