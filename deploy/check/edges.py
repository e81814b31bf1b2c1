"""Who speaks with whom. Nobody else may: the NetworkPolicies have to allow exactly this."""

from collections.abc import Iterator

from deploy.check.objects import Objects

type Edge = tuple[str, str, int]
"""From, to, port. In parentheses: what is not one of our pods."""

ANYBODY, DNS, MONITORING = "(anybody)", "(kube-system)", "(monitoring)"
OBJECTS, PAYMENTS, WEBHOOKS = "(objects)", "(payments)", "(webhooks)"
"""Outside, at addresses that the operator names."""
OPERATOR = "(cnpg-system)"
GRPC, METRICS, HTTPS = 9000, 9100, 9443

SERVING = "identity", "glucose", "consult", "pharmacy"
WORKERS = "glucose-worker", "consult-worker", "pharmacy-worker"
PROGRAMS = *SERVING, *WORKERS
ASK_IDENTITY = tuple(one for one in PROGRAMS if one != "identity")


def edges(objects: Objects) -> Iterator[Edge]:
    """Those of an overlay."""
    tls = objects.find("Cluster", "postgres") is not None
    http = HTTPS if tls else METRICS
    yield ANYBODY, "gateway", 8080
    for one in SERVING:
        yield "gateway", one, GRPC
    yield "gateway", "identity", http  # the public keys of tokens
    yield "gateway", "pharmacy", http  # callbacks of payment providers
    for one in ASK_IDENTITY:
        yield one, "identity", GRPC
        yield one, "identity", http
    yield "glucose", "consult", GRPC  # the health record that a plan is held against
    yield "pharmacy", "consult", GRPC  # prescriptions as they now stand
    yield "pharmacy", "glucose", GRPC  # logged doses
    yield "pharmacy-worker", "glucose", GRPC
    for one in PROGRAMS:
        yield one, "postgres", 5432
        yield one, "nats", 4222
    for one in ("glucose", "glucose-worker", "consult", "consult-worker"):
        yield one, OBJECTS, 443
    for one in ("pharmacy", "pharmacy-worker"):
        yield one, PAYMENTS, 443
    for one in ("identity", *WORKERS):
        yield one, WEBHOOKS, 443  # codes, pushes
    yield "migrate", "postgres", 5432
    yield "migrate", "nats", 4222
    yield from _of_engines(objects) if tls else ()
    for pods in objects.pods():
        if pods.namespace == "apricot":
            yield pods.called, DNS, 53
    for one in (*PROGRAMS, "gateway"):
        yield MONITORING, one, METRICS
    yield MONITORING, "gateway", 9101
    if objects.find("Deployment", "otel-collector"):
        yield "otel-collector", MONITORING, 4317
        for one in PROGRAMS:
            yield one, "otel-collector", 4317
    if objects.find("Deployment", "nats-exporter"):
        yield "nats-exporter", "nats", 8222
        yield MONITORING, "nats-exporter", 7777
    if tls:
        yield "postgres", DNS, 53


def _of_engines(objects: Objects) -> Iterator[Edge]:
    yield "nats", "nats", 6222
    for port in 5432, 8000:
        yield "postgres", "postgres", port
        yield OPERATOR, "postgres", port
    yield "postgres", OPERATOR, 9090  # the plugin that archives
    yield MONITORING, "postgres", 9187
    for port in 443, 6443:
        yield "postgres", ANYBODY, port  # the cluster's API and the archive, wherever they are
