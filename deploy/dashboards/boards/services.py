"""One kind of service, chosen above."""

from deploy.dashboards.panels import Panel, dashboard, limits, variable
from deploy.dashboards.queries import QUANTILES, slow

MINE = 'job="$service"'

CALLS = (
    Panel(
        "Which methods are called?",
        [(f"topk(6, sum by (method) (rate(apricot_requests_total{{{MINE}}}[$__rate_interval])))", "{{method}}")],
        "reqps",
    ),
    Panel(
        "How do calls end?",
        [(f"sum by (code) (rate(apricot_requests_total{{{MINE}}}[$__rate_interval]))", "{{code}}")],
        "reqps",
        stacked=True,
    ),
    Panel(
        "How slow are calls?",
        [(slow(share, f'{MINE},kind="unary"'), words) for share, words in QUANTILES],
        "s",
    ),
)

LIMITS = (
    Panel(
        "Is a loop blocked?",
        [(f"rate(apricot_event_loop_lag_seconds_sum{{{MINE}}}[$__rate_interval])", "{{pod}}")],
        "percentunit",
        steps=limits(0.2, 0.5),
        about="Share of the time by which sleepers are woken too late.",
    ),
    Panel(
        "Are there connections to the database?",
        [
            (f"sum(max_over_time(apricot_database_connections_in_use{{{MINE}}}[$__rate_interval]))", "in use"),
            (f"sum(apricot_database_connections_limit{{{MINE}}})", "limit"),
        ],
    ),
    Panel(
        "How long does a connection take?",
        [
            (
                f"histogram_quantile({share}, sum by (le) "
                f"(rate(apricot_database_wait_seconds_bucket{{{MINE}}}[$__rate_interval])))",
                words,
            )
            for share, words in QUANTILES
        ],
        "s",
        steps=limits(0.5, 1),
    ),
)

ROOM = (
    Panel(
        "Who watches?", [(f"apricot_watchers{{{MINE}}}", "{{pod}}")], stacked=True,
        about="Open watches; the number of replicas follows it.",
    ),
    Panel("How much memory?", [(f"process_resident_memory_bytes{{{MINE}}}", "{{pod}}")], "bytes"),
    Panel(
        "How much processor?", [(f"rate(process_cpu_seconds_total{{{MINE}}}[$__rate_interval])", "{{pod}}")],
        "percentunit", about="Of one core: a process of Python has no use for more.",
    ),
)  # fmt: skip

SERVICE = variable("service", "Service", "label_values(apricot_requests_total, job)", "glucose")

BOARD = dashboard(
    "services", "Apricot: how is a service?", "Its calls, and what it runs short of.",
    [(8, CALLS), (8, LIMITS), (8, ROOM)], SERVICE,
)  # fmt: skip
