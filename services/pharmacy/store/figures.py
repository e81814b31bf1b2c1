"""What operators see of orders and payments: counts over every patient_id, never whose."""

from prometheus_client import Gauge

from kit.figures import Figure
from services.pharmacy.domain.orders import DEADLINES

_STATES = ", ".join(f"({int(state)}, '{state.name.lower()}')" for state in DEADLINES)

FIGURES = (
    Figure(
        Gauge("apricot_orders_overdue", "Orders that time should have moved, by state.", ["state"]),
        f"select known.name, count(late.order_id) from (values {_STATES}) as known (state, name) "  # noqa: S608  ours
        "left join medicine_order late on late.state = known.state and late.due_time < now() - interval '30 seconds' "
        "group by known.name",
    ),
    Figure(
        Gauge("apricot_payment_disputes_last_day", "What providers said within a day that does not fit."),
        "select count(*) from payment_dispute where create_time > now() - interval '1 day'",
    ),
    Figure(
        # A provider takes a refund within minutes; a bank card has its money within three working days.
        Gauge("apricot_refunds_late", "Refunds that providers do not take, or do not end, as soon as they should."),
        "select count(*) from refund where next_try_time is not null and create_time < now() - "
        "case state when 1 then interval '1 hour' else interval '5 days' end",
    ),
)
