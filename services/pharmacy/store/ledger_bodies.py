"""The books as the contract has them."""

from apricot.money.v1.money_pb2 import Money
from apricot.pharmacy.v1 import ledger_pb2 as pb

from kit.times import to_timestamp
from services.pharmacy.domain.reconciliation import Amount, Finding
from services.pharmacy.store.ledger_tables import LedgerEntryRow
from services.pharmacy.store.payment_bodies import provider_value
from services.pharmacy.store.payment_tables import DisputeRow


def entry_message(row: LedgerEntryRow) -> pb.LedgerEntry:
    """One line of something that was booked."""
    return pb.LedgerEntry(
        entry_id=row.entry_id or 0,
        event=pb.LedgerEvent.ValueType(row.event),
        reference=row.reference,
        account=pb.AccountKind.ValueType(row.account),
        owner=row.owner,
        currency_code=row.currency,
        amount_minor=row.amount_minor,
        time=to_timestamp(row.time),
    )


def difference_message(found: Finding) -> pb.ReconciliationDifference:
    """One difference."""
    return pb.ReconciliationDifference(
        kind=pb.DifferenceKind.ValueType(found.kind),
        payment_id=str(found.key.payment_id),
        refund_id=str(found.key.refund_id or ""),
        ours=_money(found.ours),
        theirs=_money(found.theirs),
    )


def dispute_message(row: DisputeRow) -> pb.Dispute:
    """Something that does not fit."""
    return pb.Dispute(
        dispute_id=row.dispute_id or 0,
        provider=provider_value(row.provider),
        kind=pb.DisputeKind.ValueType(row.kind),
        payment_id=str(row.payment_id),
        refund_id=str(row.refund_id or ""),
        amount_minor=row.amount_minor,
        currency_code=row.currency,
        reference=row.reference,
        create_time=to_timestamp(row.create_time),
    )


def _money(amount: Amount | None) -> Money | None:
    return None if amount is None else Money(currency_code=amount.currency, minor_units=amount.minor)
