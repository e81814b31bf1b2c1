"""What the pods say of themselves on their HTTP port."""

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from deploy.manifests import Manifest
from deploy.rehearsal.pod import Pod
from deploy.rehearsal.probes import port_of

_HTTP = "http"


async def sums(pod: Pod, path: str, name: str, label: str = "") -> dict[str, float]:
    """A metric's sums by one of its labels."""
    containers = [one.declared for one in pod.mains]
    declaring = next((one for one in containers if _declares_http(one)), containers[0])  # whichever it is in the pod
    port = port_of(declaring, _HTTP)
    async with aiohttp.ClientSession() as http, http.get(f"http://{pod.address}:{port}{path}") as answer:
        text = await answer.text()
    found = dict[str, float]()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == name:
                key = sample.labels.get(label, "")
                found[key] = found.get(key, 0.0) + sample.value
    return found


def _declares_http(container: Manifest) -> bool:
    return any(one.get("name") == _HTTP for one in container.get("ports") or [])


async def requests(pod: Pod) -> float:
    """Calls that a service's pod has answered or begun."""
    return sum((await sums(pod, "/metrics", "apricot_requests_total")).values())


async def known_replicas(gateway: Pod) -> dict[str, float]:
    """How many healthy replicas of each service a gateway has."""
    return await sums(gateway, "/stats/prometheus", "envoy_cluster_membership_healthy", "envoy_cluster_name")
