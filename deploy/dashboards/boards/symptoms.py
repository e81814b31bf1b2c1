"""Everything that patients notice, on one screen."""

from deploy.dashboards.panels import GREEN, RED, Panel, dashboard, limits
from deploy.dashboards.queries import FAILED, QUANTILES, slow

COUNTED = 'envoy_cluster_grpc{grpc_method!=""'
YES = {"0": {"text": "no", "color": RED}, "1": {"text": "yes", "color": GREEN}}

NOW = (
    Panel(
        "Do calls fail?",
        [
            (
                f'(sum(rate({COUNTED},grpc_status=~"{FAILED}"}}[5m])) or vector(0)) / sum(rate({COUNTED}}}[5m]))',
                "fail",
            )
        ],
        "percentunit", "stat", limits(0.001, 0.0144), "Of the last five minutes; 0.1 % are allowed in a month.",
    ),
    Panel(
        "How slow is one in twenty?", [(slow(0.95, 'kind="unary"'), "p95")], "s", "stat", limits(0.5, 2),
        "At the services; one call in twenty takes longer.",
    ),
    Panel(
        "Are alerts looked at?", [("max(apricot_alerts_lag_seconds)", "lag")], "s", "stat", limits(20, 60),
        "Age of the oldest reading that may not have been looked at.",
    ),
    Panel(
        "Are watches live?", [("max(apricot_live_lag_seconds)", "lag")], "s", "stat", limits(10, 30),
        "Age of the instant up to which live watches are complete.",
    ),
    Panel(
        "Do urgent pushes wait?", [("max(apricot_urgent_push_lag_seconds)", "lag")], "s", "stat", limits(20, 60),
        "Age of the oldest urgent push that no device has yet.",
    ),
    Panel(
        "Does the audit hold?", [("min(apricot_audit_chain_intact)", "holds")], "none", "stat",
        ((None, RED), (1, GREEN)), "Whether the chain was found whole when it was last followed.", YES,
    ),
)  # fmt: skip

COURSE = (
    Panel(
        "Which service fails callers?",
        [
            (
                f'sum by (envoy_cluster_name) (rate({COUNTED},grpc_status=~"{FAILED}"}}[$__rate_interval]))'
                f" or sum by (envoy_cluster_name) (rate({COUNTED}}}[$__rate_interval])) * 0",
                "{{envoy_cluster_name}}",
            )
        ],
        "reqps",
        stacked=True,
    ),
    Panel(
        "How many calls come?",
        [(f"sum by (envoy_cluster_name) (rate({COUNTED}}}[$__rate_interval]))", "{{envoy_cluster_name}}")],
        "reqps",
        stacked=True,
    ),
)

LATE = (
    Panel(
        "What is late?",
        [
            ("max(apricot_alerts_lag_seconds)", "looks at readings"),
            ("max(apricot_live_lag_seconds)", "live watches"),
            ("max(apricot_urgent_push_lag_seconds)", "urgent pushes"),
            ("max(apricot_relay_lag_seconds)", "events"),
        ],
        "s",
        steps=limits(20, 60),
    ),
    Panel(
        "How slow are calls?",
        [(slow(share, 'kind="unary"'), words) for share, words in QUANTILES],
        "s",
    ),
)

WHO = (
    Panel(
        "Who is behind with events?",
        [("max by (consumer) (apricot_consumer_lag_seconds)", "{{consumer}}")],
        "s", "bargauge", limits(30, 120),
    ),
    Panel(
        "Which alerts fire?",
        [('sum by (alertname, severity) (ALERTS{alertstate="firing"})', "")],
        kind="table", columns=("alertname", "severity"),
    ),
)  # fmt: skip

BOARD = dashboard(
    "symptoms", "Apricot: what do patients notice?", "Symptoms of the whole platform; from here on to a part.",
    [(4, NOW), (8, COURSE), (8, LATE), (8, WHO)],
)  # fmt: skip
