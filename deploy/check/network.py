"""Which ways through the network the NetworkPolicies of an overlay leave open."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from deploy.check.edges import ANYBODY, DNS, MONITORING, OPERATOR, Edge, edges
from deploy.check.objects import Finding, Objects, matches

POD_LIKE = {"Cluster": ("cnpg.io/cluster", (5432, 8000, 9187))}
"""What makes pods that are not rendered: the label by which they are known, and their ports."""
NAMED = {one.strip("()"): one for one in (DNS, MONITORING, OPERATOR)}


@dataclass(frozen=True)
class End:
    """A kind of pod, as the network sees it."""

    name: str
    namespace: str
    labels: Mapping[str, str]
    ports: frozenset[int]


def denied(objects: Objects) -> Iterator[Finding]:
    """Every namespace with pods begins with nothing allowed, either way."""
    for namespace in sorted({pods.namespace for pods in objects.pods()}):
        rules = [one["spec"] for one in _policies(objects, namespace) if one["metadata"]["name"] == "default-deny"]
        if rules != [{"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}]:
            yield Finding("denied", f"Namespace/{namespace}", "does not deny by default")


def allowed(objects: Objects) -> Iterator[Finding]:
    """Exactly the edges that there are."""
    declared, open_, half = set(edges(objects)), *_open(objects)
    for source, target, port in sorted(open_ - declared):
        yield Finding("allowed", f"{source} → {target}:{port}", "is allowed, and nobody needs it")
    for source, target, port in sorted(declared - open_):
        yield Finding("allowed", f"{source} → {target}:{port}", "is needed, and not allowed")
    for source, target, port in sorted(half):
        yield Finding("allowed", f"{source} → {target}:{port}", "is allowed at one end alone")


def _open(objects: Objects) -> tuple[set[Edge], set[Edge]]:
    """The ways that are open, and those between two of our pods that one end alone allows."""
    ends = list(_ends(objects))
    out = {(one.name, peer, port) for one in ends for peer, port in _peers(objects, one, ends, "egress", "to")}
    into = {(peer, one.name, port) for one in ends for peer, port in _peers(objects, one, ends, "ingress", "from")}
    inside = {one.name for one in ends}
    both = {edge for edge in out | into if edge[0] in inside and edge[1] in inside}
    outside = {edge for edge in out | into if edge not in both}
    everybody = {(target, port) for source, target, port in into if source == ANYBODY}
    half = {edge for edge in both if not (edge in out and (edge in into or edge[1:] in everybody))}
    return (both - half) | outside, half


def _ends(objects: Objects) -> Iterator[End]:
    for pods in objects.pods():
        if not pods.spec.get("hostNetwork"):  # to the network it is the node
            ports = frozenset(one["containerPort"] for each in pods.containers() for one in each.get("ports", ()))
            yield End(pods.called, pods.namespace, pods.labels, ports)
    for kind, (label, numbers) in POD_LIKE.items():
        for one in objects.of_kind(kind):
            name, namespace = one["metadata"]["name"], one["metadata"]["namespace"]
            labels = one["spec"].get("inheritedMetadata", {}).get("labels", {}) | {label: name}
            yield End(name, namespace, labels, frozenset(numbers))


def _policies(objects: Objects, namespace: str) -> Iterator[Mapping[str, Any]]:
    return (one for one in objects.of_kind("NetworkPolicy") if one["metadata"].get("namespace") == namespace)


def _peers(objects: Objects, end: End, ends: list[End], direction: str, side: str) -> Iterator[tuple[str, int]]:
    """Whom a pod may speak with, and at which port: the other's when it goes out, its own when somebody comes in."""
    for policy in _policies(objects, end.namespace):
        if not matches(policy["spec"]["podSelector"], end.labels):
            continue
        for rule in policy["spec"].get(direction, ()):
            for port in [one["port"] for one in rule["ports"]]:
                for peer in rule.get(side) or [None]:
                    for name, ports in _who(peer, policy["metadata"], ends):
                        if port in (end.ports if direction == "ingress" else ports or {port}):
                            yield name, port


def _who(
    peer: Mapping[str, Any] | None, policy: Mapping[str, Any], ends: list[End]
) -> Iterator[tuple[str, frozenset[int]]]:
    """Names and ports of a rule's peer; no ports: any. Addresses outside are named by their policy, `to-NAME`."""
    anything: frozenset[int] = frozenset()
    if peer is None:
        yield ANYBODY, anything
    elif "ipBlock" in peer:
        everywhere = ip_network(peer["ipBlock"]["cidr"]).prefixlen == 0
        yield ANYBODY if everywhere else f"({policy['name'].removeprefix('to-')})", anything
    elif "namespaceSelector" in peer:
        name = peer["namespaceSelector"].get("matchLabels", {}).get("kubernetes.io/metadata.name", "")
        yield NAMED.get(name, f"(namespace {name or 'any'})"), anything
    else:
        for end in ends:
            if end.namespace == policy["namespace"] and matches(peer["podSelector"], end.labels):
                yield end.name, end.ports
