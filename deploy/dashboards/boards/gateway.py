"""The way in."""

from deploy.dashboards.panels import GREEN, RED, Panel, dashboard
from deploy.dashboards.queries import FAILED

PREFIX = 'envoy_http_conn_manager_prefix="gateway"'

COME = (
    Panel(
        "How many connections?", [(f"sum(envoy_http_downstream_cx_active{{{PREFIX}}})", "connections")],
    ),
    Panel(
        "Which calls fail?",
        [
            (
                'topk(5, sum by (grpc_method) (rate(envoy_cluster_grpc{grpc_method!="",'
                f'grpc_status=~"{FAILED}"}}[$__rate_interval])))',
                "{{grpc_method}}",
            )
        ],
        "reqps",
    ),
)  # fmt: skip

REFUSED = (
    Panel(
        "Whom does the gateway refuse?",
        [
            ("sum(rate(envoy_http_jwt_authn_denied[$__rate_interval]))", "by token"),
            (f"sum(rate(envoy_http_rbac_denied{{{PREFIX}}}[$__rate_interval]))", "by role"),
            ("sum(rate(envoy_http_local_rate_limit_rate_limited[$__rate_interval]))", "by rate"),
        ],
        "reqps",
    ),
    Panel(
        "Why do services refuse?",
        [("topk(6, sum by (reason) (rate(apricot_refusals_total[$__rate_interval])))", "{{reason}}")],
        "reqps",
    ),
)

BEHIND = (
    Panel(
        "Which replicas answer?",
        [("max by (envoy_cluster_name) (envoy_cluster_membership_healthy)", "{{envoy_cluster_name}}")],
        "none", "bargauge", ((None, RED), (1, GREEN)),
    ),
    Panel(
        "What is tried again?",
        [
            (
                "sum by (envoy_cluster_name) (rate(envoy_cluster_upstream_rq_retry[$__rate_interval]))",
                "{{envoy_cluster_name}}",
            )
        ],
        "reqps",
    ),
    Panel(
        "How much memory?", [("max(envoy_server_memory_physical_size)", "physical")], "bytes",
    ),
)  # fmt: skip

BOARD = dashboard(
    "gateway", "Apricot: who comes in?", "Envoy: connections, refusals, and who answers behind it.",
    [(8, COME), (8, REFUSED), (8, BEHIND)],
)  # fmt: skip
