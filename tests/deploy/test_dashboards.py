"""What rules and dashboards ask for exists, and nothing that is shown names a person."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from deploy.dashboards.__main__ import FOLDER, texts
from deploy.dashboards.prometheus import targets
from deploy.dashboards.rules import rules
from stack.platform import Platform
from tests.people import People

ELSEWHERE = {
    "barman_cloud_cloudnative_pg_io_last_available_backup_timestamp",
    "certmanager_certificate_expiration_timestamp_seconds",
    "cnpg_backends_total",
    "cnpg_collector_last_available_backup_timestamp",
    "cnpg_pg_database_size_bytes",
    "cnpg_pg_replication_lag",
    "cnpg_pg_replication_streaming_replicas",
    "cnpg_pg_stat_archiver_seconds_since_last_archival",
    "container_memory_working_set_bytes",
    "gnatsd_varz_in_msgs",
    "gnatsd_varz_slow_consumers",
    "jetstream_server_max_storage",
    "jetstream_server_total_message_bytes",
    "kube_deployment_spec_replicas",
    "kube_deployment_status_replicas_available",
    "kube_pod_container_resource_limits",
    "kube_statefulset_replicas",
    "kube_statefulset_status_replicas_ready",
    "kubelet_volume_stats_available_bytes",
    "kubelet_volume_stats_capacity_bytes",
}
"""Of exporters that a cluster has and this machine has not."""
_NOT_NAMES = re.compile(r'"[^"]*"|\{[^}]*\}|\[[^]]*\]|\b(?:by|without)\s*\([^)]*\)')
_KEYWORDS = {"and", "or", "unless", "bool", "on", "ignoring"}
_PERSONAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|\+?\d{7,}|@|[一-鿿]")
_MOST_VALUES = 250


def names(expression: str) -> set[str]:
    """The metrics of an expression in PromQL."""
    words = re.findall(r"(?<![\w.:])[a-zA-Z_:][\w:]*\b(?!\s*\()", _NOT_NAMES.sub(" ", expression))
    return set(words) - _KEYWORDS


def expressions() -> Iterator[str]:
    for group in rules()["groups"]:
        yield from (rule["expr"] for rule in group["rules"])
    for path in sorted(FOLDER.glob("*.json")):
        board: dict[str, Any] = json.loads(path.read_text())
        yield from (target["expr"] for panel in board["panels"] for target in panel["targets"])


async def metrics(platform: Platform) -> list[Metric]:
    """Of every process of the platform."""
    found: list[Metric] = []
    async with aiohttp.ClientSession() as http:
        for target in targets(platform):
            async with http.get(f"http://{target.address}{target.path}") as answer:
                found += text_string_to_metric_families(await answer.text())
    return found


@pytest.fixture(scope="module")
async def shown(platform: Platform, people: People) -> list[Metric]:
    """After some calls, some of them refused."""
    patient, follower = await people.patient(), await people.patient()
    await patient.grant(follower, SCOPE_GLUCOSE_READ)
    assert [entry async for entry in follower.session.entries(patient.account_id)] == []
    return await metrics(platform)


async def test_every_metric_exists(shown: list[Metric]) -> None:
    endings = {"counter": ("", "_total"), "histogram": ("_bucket", "_sum", "_count")}
    there = {family.name + ending for family in shown for ending in endings.get(family.type, ("",))}
    recorded = {rule["record"] for group in rules()["groups"] for rule in group["rules"] if "record" in rule}
    wanted = set().union(*map(names, expressions()))
    assert wanted - there - recorded - {"ALERTS"} == ELSEWHERE


def test_no_label_names_a_person(shown: list[Metric]) -> None:
    values = defaultdict(set)
    for family in shown:
        for sample in family.samples:
            for label, value in sample.labels.items():
                if label != "le":  # the bounds of buckets
                    values[family.name, label].add(value)
    assert {place for place, found in values.items() if len(found) > _MOST_VALUES} == set()
    assert {value for found in values.values() for value in found if _PERSONAL.search(value)} == set()


def test_the_names_of_an_expression_are_found() -> None:
    expression = 'sum by (job) (rate(a_total{x="b_total"}[5m])) / c:d:e > 14.4 * 0.001 or vector(0)'
    assert names(expression) == {"a_total", "c:d:e"}


def test_the_dashboards_are_those_that_are_written() -> None:
    assert {path.name: path.read_text() for path in FOLDER.iterdir()} == texts()


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_a_dashboard_asks_what_an_operator_asks(path: Any) -> None:
    board = json.loads(path.read_text())
    assert len(board["panels"]) <= 12
    assert [panel["title"] for panel in board["panels"] if not panel["title"].endswith("?")] == []
    assert len({panel["title"] for panel in board["panels"]}) == len(board["panels"])
