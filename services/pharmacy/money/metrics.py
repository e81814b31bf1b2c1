"""What is counted of money. Alerts belong on the gauges that are not zero."""

from prometheus_client import Counter, Gauge

CAPTURES = Counter("apricot_payment_captures", "Payments that came, by provider and outcome.", ["provider", "outcome"])
REFUNDS = Counter("apricot_refunds", "Refunds that moved, by provider and state.", ["provider", "state"])
DISPUTES = Counter("apricot_payment_disputes", "What providers say that does not fit.", ["provider", "kind"])
IMBALANCE = Gauge("apricot_ledger_imbalance_minor", "What the whole ledger sums to; anything but 0 is a fault.")
FAILED_REFUNDS = Gauge("apricot_refunds_failed", "Refunds that wait for an operator.")
DIFFERENCES = Gauge("apricot_reconciliation_differences", "Between a week's statements and the books.", ["provider"])
DAYS_LATE = Gauge("apricot_reconciliation_days_late", "Days not compared a day after they should be.", ["provider"])
