"""What is on which dashboard."""

from deploy.dashboards.panels import GREEN, RED, Json, Panel, dashboard, limits, variable

FAILED = "2|4|13|14|15"
"""The statuses that are our fault: UNKNOWN, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE, DATA_LOSS."""
_YES = {"0": {"text": "no", "color": RED}, "1": {"text": "yes", "color": GREEN}}
_QUANTILES = ((0.5, "half of them"), (0.95, "19 of 20"), (0.99, "99 of 100"))


def _slow(share: float, where: str, by: str = "") -> str:
    buckets = f"sum by (le{by}) (rate(apricot_request_seconds_bucket{{{where}}}[$__rate_interval]))"
    return f"histogram_quantile({share}, {buckets})"


def symptoms() -> Json:
    """Everything that patients notice, on one screen."""
    calls = 'envoy_cluster_grpc{grpc_method!=""'
    now = (
        Panel(
            "Do calls fail?",
            [
                (
                    f'(sum(rate({calls},grpc_status=~"{FAILED}"}}[5m])) or vector(0)) / sum(rate({calls}}}[5m]))',
                    "fail",
                )
            ],
            "percentunit", "stat", limits(0.001, 0.0144), "Of the last five minutes; 0.1 % are allowed in a month.",
        ),
        Panel(
            "How slow is one in twenty?", [(_slow(0.95, 'kind="unary"'), "p95")], "s", "stat", limits(0.5, 2),
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
            ((None, RED), (1, GREEN)), "Whether the chain was found whole when it was last followed.", _YES,
        ),
    )  # fmt: skip
    course = (
        Panel(
            "Which service fails callers?",
            [
                (
                    f'sum by (envoy_cluster_name) (rate({calls},grpc_status=~"{FAILED}"}}[$__rate_interval]))'
                    f" or sum by (envoy_cluster_name) (rate({calls}}}[$__rate_interval])) * 0",
                    "{{envoy_cluster_name}}",
                )
            ],
            "reqps",
            stacked=True,
        ),
        Panel(
            "How many calls come?",
            [(f"sum by (envoy_cluster_name) (rate({calls}}}[$__rate_interval]))", "{{envoy_cluster_name}}")],
            "reqps",
            stacked=True,
        ),
    )
    late = (
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
            [(_slow(share, 'kind="unary"'), words) for share, words in _QUANTILES],
            "s",
        ),
    )
    who = (
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
    return dashboard(
        "symptoms", "Apricot: what do patients notice?", "Symptoms of the whole platform; from here on to a part.",
        [(4, now), (8, course), (8, late), (8, who)],
    )  # fmt: skip


def services() -> Json:
    """One kind of service, chosen above."""
    mine = 'job="$service"'
    calls = (
        Panel(
            "Which methods are called?",
            [(f"topk(6, sum by (method) (rate(apricot_requests_total{{{mine}}}[$__rate_interval])))", "{{method}}")],
            "reqps",
        ),
        Panel(
            "How do calls end?",
            [(f"sum by (code) (rate(apricot_requests_total{{{mine}}}[$__rate_interval]))", "{{code}}")],
            "reqps",
            stacked=True,
        ),
        Panel(
            "How slow are calls?",
            [(_slow(share, f'{mine},kind="unary"'), words) for share, words in _QUANTILES],
            "s",
        ),
    )
    limits_ = (
        Panel(
            "Is a loop blocked?",
            [(f"rate(apricot_event_loop_lag_seconds_sum{{{mine}}}[$__rate_interval])", "{{instance}}")],
            "percentunit",
            steps=limits(0.2, 0.5),
            about="Share of the time by which sleepers are woken too late.",
        ),
        Panel(
            "Are there connections to the database?",
            [
                (f"sum(apricot_database_connections_in_use{{{mine}}})", "in use"),
                (f"sum(apricot_database_connections_limit{{{mine}}})", "limit"),
            ],
        ),
        Panel(
            "How long does a connection take?",
            [
                (
                    f"histogram_quantile({share}, sum by (le) "
                    f"(rate(apricot_database_wait_seconds_bucket{{{mine}}}[$__rate_interval])))",
                    words,
                )
                for share, words in _QUANTILES
            ],
            "s",
            steps=limits(0.5, 1),
        ),
    )
    room = (
        Panel(
            "Who watches?", [(f"apricot_watchers{{{mine}}}", "{{instance}}")], stacked=True,
            about="Open watches; the number of replicas follows it.",
        ),
        Panel("How much memory?", [(f"process_resident_memory_bytes{{{mine}}}", "{{instance}}")], "bytes"),
        Panel(
            "How much processor?", [(f"rate(process_cpu_seconds_total{{{mine}}}[$__rate_interval])", "{{instance}}")],
            "percentunit", about="Of one core: a process of Python has no use for more.",
        ),
    )  # fmt: skip
    service = variable("service", "Service", "label_values(apricot_requests_total, job)", "glucose")
    return dashboard(
        "services", "Apricot: how is a service?", "Its calls, and what it runs short of.",
        [(8, calls), (8, limits_), (8, room)], service,
    )  # fmt: skip


def gateway() -> Json:
    """The way in."""
    prefix = 'envoy_http_conn_manager_prefix="gateway"'
    come = (
        Panel(
            "How many connections?", [(f"sum(envoy_http_downstream_cx_active{{{prefix}}})", "connections")],
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
    refused = (
        Panel(
            "Whom does the gateway refuse?",
            [
                ("sum(rate(envoy_http_jwt_authn_denied[$__rate_interval]))", "by token"),
                (f"sum(rate(envoy_http_rbac_denied{{{prefix}}}[$__rate_interval]))", "by role"),
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
    behind = (
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
    return dashboard(
        "gateway", "Apricot: who comes in?", "Envoy: connections, refusals, and who answers behind it.",
        [(8, come), (8, refused), (8, behind)],
    )  # fmt: skip


def workers() -> Json:
    """What follows from calls, events and time."""
    events = (
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
    pushes = (
        Panel(
            "Do pushes arrive?", [("sum by (outcome) (rate(apricot_pushes_total[$__rate_interval]))", "{{outcome}}")],
            "reqps", stacked=True,
        ),
        Panel("How many pushes wait?", [("max by (job) (apricot_pushes_waiting)", "{{job}}")]),
        Panel(
            "Which alerts are raised?",
            [("sum by (rule) (rate(apricot_alerts_raised_total[$__rate_interval])) * 60", "{{rule}}")], "cpm",
            stacked=True,
        ),
    )  # fmt: skip
    orders = (
        Panel(
            "Which orders are overdue?", [("max by (state) (apricot_orders_overdue)", "{{state}}")],
            "none", "bargauge", ((None, GREEN), (1, RED)),
        ),
        Panel(
            "Is money in order?",
            [
                ("max(apricot_payment_disputes_last_day)", "disputes of a day"),
                ("max(apricot_refunds_failed)", "refunds failed"),
                ("max(apricot_ledger_imbalance_minor)", "out of balance"),
            ],
            "none", "stat", ((None, GREEN), (1, RED)),
        ),
        Panel(
            "How much processor?",
            [('rate(process_cpu_seconds_total{job=~".*-worker"}[$__rate_interval])', "{{job}}")], "percentunit",
        ),
    )  # fmt: skip
    return dashboard(
        "workers", "Apricot: is everything followed up?", "Consumers of events, pushes, timers of orders, money.",
        [(8, events), (8, pushes), (8, orders)],
    )  # fmt: skip


def engines() -> Json:
    """PostgreSQL and NATS."""
    ours = (
        Panel("Do events wait to be published?", [("max by (job) (apricot_outbox_events)", "{{job}}")]),
        Panel("For how long?", [("max by (job) (apricot_relay_lag_seconds)", "{{job}}")], "s", steps=limits(10, 30)),
        Panel(
            "How much of the connections is used?",
            [
                (
                    "sum by (job) (apricot_database_connections_in_use)"
                    " / sum by (job) (apricot_database_connections_limit)",
                    "{{job}}",
                )
            ],
            "percentunit",
        ),
    )
    postgres = (
        Panel(
            "Could a replica take over?",
            [("max by (pod) (cnpg_pg_replication_lag)", "{{pod}}")], "s", steps=limits(5, 30),
        ),
        Panel("What do connections do?", [("sum by (state) (cnpg_backends_total)", "{{state}}")], stacked=True),
        Panel("How large are the databases?", [("max by (datname) (cnpg_pg_database_size_bytes)", "{{datname}}")], "bytes"),
        Panel(
            "How old is the backup?",
            [
                (
                    "time() - max(barman_cloud_cloudnative_pg_io_last_available_backup_timestamp"
                    " or cnpg_collector_last_available_backup_timestamp)",
                    "backup",
                ),
                ("max(cnpg_pg_stat_archiver_seconds_since_last_archival)", "log"),
            ],
            "s", "stat", limits(90_000, 93_600),
        ),
    )  # fmt: skip
    nats = (
        Panel(
            "How full is JetStream?",
            [
                (
                    "sum by (server_name) (jetstream_server_total_message_bytes)"
                    " / sum by (server_name) (jetstream_server_max_storage)",
                    "{{server_name}}",
                )
            ],
            "percentunit", steps=limits(0.7, 0.85),
        ),
        Panel("How many events come?", [("sum(rate(gnatsd_varz_in_msgs[$__rate_interval]))", "messages")], "mps"),
        Panel("Who reads too slowly?", [("sum by (server_name) (gnatsd_varz_slow_consumers)", "{{server_name}}")]),
    )  # fmt: skip
    return dashboard(
        "engines", "Apricot: do PostgreSQL and NATS carry it?", "Their own exporters, and how we fare with them.",
        [(8, ours), (8, postgres), (8, nats)],
    )  # fmt: skip


BOARDS = (symptoms, services, gateway, workers, engines)
