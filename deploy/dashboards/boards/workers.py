"""What follows from calls, events and time."""

from deploy.dashboards.panels import GREEN, RED, Panel, dashboard, limits

EVENTS = (
    Panel(
        "How late is each consumer?", [("max by (consumer) (apricot_consumer_lag_seconds)", "{{consumer}}")], "s",
        steps=limits(30, 120),
    ),
    Panel("How many events wait?", [("max by (consumer) (apricot_consumer_pending_events)", "{{consumer}}")]),
    Panel(
        "How many were set aside?", [("sum(max by (consumer) (apricot_parked_events)) or vector(0)", "parked")],
        "none", "stat", ((None, GREEN), (1, RED)), "They failed on every try and wait for an operator.",
    ),
)  # fmt: skip

PUSHES = (
    Panel(
        "Do pushes arrive?", [("sum by (outcome) (rate(apricot_pushes_total[$__rate_interval]))", "{{outcome}}")],
        "reqps", stacked=True,
    ),
    Panel("How many pushes wait?", [("max by (job) (apricot_pushes_waiting{job!~\".*-worker\"})", "{{job}}")]),
    Panel(
        "Which alerts are raised?",
        [("sum by (rule) (rate(apricot_alerts_raised_total[$__rate_interval])) * 60", "{{rule}}")], "cpm",
        stacked=True,
    ),
)  # fmt: skip

ORDERS = (
    Panel(
        "Which orders are overdue?", [("max by (state) (apricot_orders_overdue)", "{{state}}")],
        "none", "bargauge", ((None, GREEN), (1, RED)),
    ),
    Panel(
        "Can prescriptions be checked?",
        [("sum by (outcome) (increase(apricot_prescription_checks_total[10m]))", "{{outcome}}")],
        about="Checks of the last ten minutes; what could not run blocks the prescription.",
    ),
)  # fmt: skip

MONEY = (
    Panel(
        "Is money in order?",
        [
            ("max(apricot_payment_disputes_last_day)", "disputes of a day"),
            ("max(apricot_refunds_failed)", "refunds failed"),
            ("max(apricot_refunds_late)", "refunds late"),
            ("sum(max by (provider) (apricot_reconciliation_differences))", "differences of a week"),
            ("sum(max by (provider) (apricot_reconciliation_days_late))", "statements late"),
            ("max(apricot_ledger_imbalance_minor)", "out of balance"),
        ],
        "none", "stat", ((None, GREEN), (1, RED)),
    ),
    Panel(
        "How much processor?",
        [('rate(process_cpu_seconds_total{job=~".*-worker"}[$__rate_interval])', "{{pod}}")], "percentunit",
    ),
)  # fmt: skip

BOARD = dashboard(
    "workers", "Apricot: is everything followed up?", "Consumers of events, pushes, timers of orders, checks, money.",
    [(8, EVENTS), (8, PUSHES), (8, ORDERS), (8, MONEY)],
)  # fmt: skip
