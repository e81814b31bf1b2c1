"""`apricot.pharmacy.v1.LedgerService`."""

from datetime import date
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1 import ledger_pb2 as pb

from kit import paging
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, invalid_field, not_found
from kit.idempotency import answer_once, first_answer
from services.pharmacy import events
from services.pharmacy.domain.ledger import Kind
from services.pharmacy.events import Telling
from services.pharmacy.money.reconciler import Reconciler
from services.pharmacy.rpc.staff import require_staff
from services.pharmacy.store import disputes, ledger, orders, payments, reconciliation, refunds
from services.pharmacy.store.ledger_bodies import dispute_message, entry_message
from services.pharmacy.store.payment_bodies import provider_name, refund_message


class Ledger:
    """The books, for pharmacies and for those who run the platform."""

    def __init__(self, database: Database, telling: Telling, reconciler: Reconciler, clock: Clock) -> None:
        self._database = database
        self._telling = telling
        self._reconciler = reconciler
        self._clock = clock

    async def GetPharmacyBalance(
        self, request: pb.GetPharmacyBalanceRequest, call: Call
    ) -> pb.GetPharmacyBalanceResponse:
        async with self._database.transaction() as session:
            pharmacy = await require_staff(session, call, request.pharmacy_id)
            found = await ledger.balance_of(session, Kind.PHARMACY, str(pharmacy))
        balance = pb.GetPharmacyBalanceResponse.Balance
        owed = [balance(currency_code=currency, amount_minor=-amount) for currency, amount in found]
        return pb.GetPharmacyBalanceResponse(balances=owed)

    async def GetLedgerBalances(self, request: pb.GetLedgerBalancesRequest, call: Call) -> pb.GetLedgerBalancesResponse:
        async with self._database.transaction() as session:
            found = await ledger.balances(session)
        return pb.GetLedgerBalancesResponse(
            balances=[
                pb.LedgerBalance(account=pb.AccountKind.ValueType(kind), currency_code=currency, amount_minor=amount)
                for kind, currency, amount in found
            ]
        )

    async def ListLedgerEntries(self, request: pb.ListLedgerEntriesRequest, call: Call) -> pb.ListLedgerEntriesResponse:
        size, order_id = paging.page_size(request.page_size), UUID(request.order_id)
        (behind,) = paging.decode(request.page_token, request, [int]) or [0]
        async with self._database.transaction() as session:
            patient_id = await orders.patient_of(session, order_id)
            if patient_id is None:
                raise not_found("order")
            found = await ledger.entries_of(session, order_id, behind, size + 1)
            events.access_used(session, call, patient_id, self._clock())
        await self._telling.wake()
        response = pb.ListLedgerEntriesResponse(entries=[entry_message(row) for row in found[:size]])
        if len(found) > size:
            response.next_page_token = paging.encode([found[size - 1].entry_id or 0], request)
        return response

    async def ReconcileDay(self, request: pb.ReconcileDayRequest, call: Call) -> pb.ReconcileDayResponse:
        provider, day = provider_name(request.provider), _day(request.date)
        if provider not in self._reconciler.providers:
            raise invalid_field("provider", "is not offered here")
        async with self._database.transaction() as session:
            if (first := await first_answer(session, call, request, pb.ReconcileDayResponse)) is not None:
                return first
        report = await self._reconciler.reconcile(provider, day)
        if report is None:
            raise ApricotError(Reason.REASON_WRONG_STATE, "there is no statement of that day yet")

        async def answer() -> pb.ReconcileDayResponse:
            return pb.ReconcileDayResponse(report=report)

        async with self._database.transaction() as session:
            return await answer_once(session, call, request, pb.ReconcileDayResponse, answer)

    async def GetReconciliation(self, request: pb.GetReconciliationRequest, call: Call) -> pb.GetReconciliationResponse:
        async with self._database.transaction() as session:
            report = await reconciliation.find(session, provider_name(request.provider), _day(request.date))
        if report is None:
            raise not_found("reconciliation")
        return pb.GetReconciliationResponse(report=report)

    async def ListDisputes(self, request: pb.ListDisputesRequest, call: Call) -> pb.ListDisputesResponse:
        size = paging.page_size(request.page_size)
        (before,) = paging.decode(request.page_token, request, [int]) or [None]
        async with self._database.transaction() as session:
            found = await disputes.newest(session, before, size + 1)
        response = pb.ListDisputesResponse(disputes=[dispute_message(row) for row in found[:size]])
        if len(found) > size:
            response.next_page_token = paging.encode([found[size - 1].dispute_id or 0], request)
        return response

    async def RetryRefund(self, request: pb.RetryRefundRequest, call: Call) -> pb.RetryRefundResponse:
        async with self._database.transaction() as session:

            async def retry() -> pb.RetryRefundResponse:
                owner = await refunds.owner_of(session, UUID(request.refund_id))
                if owner is None:
                    raise not_found("refund")
                patient_id, now = owner[0], self._clock()
                refund = await refunds.lock(session, patient_id, UUID(request.refund_id))
                refunds.retry(refund, now)
                events.access_used(session, call, patient_id, now)
                return pb.RetryRefundResponse(refund=refund_message(refund))

            response = await answer_once(session, call, request, pb.RetryRefundResponse, retry)
        await self._telling.wake()
        return response

    async def SettleRefund(self, request: pb.SettleRefundRequest, call: Call) -> pb.SettleRefundResponse:
        async with self._database.transaction() as session:

            async def settle() -> pb.SettleRefundResponse:
                owner = await refunds.owner_of(session, UUID(request.refund_id))
                if owner is None:
                    raise not_found("refund")
                (patient_id, payment_id), now = owner, self._clock()
                payment = await payments.find(session, patient_id, payment_id)
                assert payment is not None, "a refund has its payment"  # noqa: S101
                order = await orders.find(session, patient_id, payment.order_id)
                assert order is not None, "a payment has its order"  # noqa: S101
                refund = await refunds.lock(session, patient_id, UUID(request.refund_id))
                by_provider = request.by_provider
                await refunds.settle(session, order, payment, refund, request.reference, now, by_provider=by_provider)
                events.push(session, order, [patient_id], now)
                events.access_used(session, call, patient_id, now)
                return pb.SettleRefundResponse(refund=refund_message(refund))

            response = await answer_once(session, call, request, pb.SettleRefundResponse, settle)
        await self._telling.wake()
        return response


def _day(text: str) -> date:
    """Errors: INVALID_FIELD."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise invalid_field("date", "there is no such day") from error
