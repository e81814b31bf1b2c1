"""PostgreSQL and NATS."""

from deploy.dashboards.panels import Panel, dashboard, limits

OURS = (
    Panel("Do events wait to be published?", [('max by (job) (apricot_outbox_events{job!~".*-worker"})', "{{job}}")]),
    Panel(
        "For how long?",
        [('max by (job) (apricot_relay_lag_seconds{job!~".*-worker"})', "{{job}}")],
        "s",
        steps=limits(10, 30),
    ),
    Panel(
        "How much of the connections is used?",
        [
            (
                "sum by (job) (max_over_time(apricot_database_connections_in_use[$__rate_interval]))"
                " / sum by (job) (apricot_database_connections_limit)",
                "{{job}}",
            )
        ],
        "percentunit",
    ),
)

POSTGRES = (
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

NATS = (
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

BOARD = dashboard(
    "engines", "Apricot: do PostgreSQL and NATS carry it?", "Their own exporters, and how we fare with them.",
    [(8, OURS), (8, POSTGRES), (8, NATS)],
)  # fmt: skip
