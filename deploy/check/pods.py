"""What every pod has to be."""

from collections.abc import Iterator

from deploy.check.objects import Finding, Objects, Pods, matches
from deploy.check.settings import variables
from deploy.manifests import Manifest

ON_THE_NODE = {"coturn"}
"""Those that need the node's network."""
CAPABILITIES = {"coturn": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}}
"""Of those that do not start without."""
SPREAD = "topology.kubernetes.io/zone", "kubernetes.io/hostname"


def unprivileged(objects: Objects) -> Iterator[Finding]:
    """Nobody is root, can become it, writes to the image, or has a capability."""
    for pods in objects.pods():
        whole = pods.spec.get("securityContext", {})
        for container in pods.containers():
            own = whole | container.get("securityContext", {})
            wanted = {
                "runAsNonRoot": own.get("runAsNonRoot") is True,
                "a numeric user": isinstance(own.get("runAsUser"), int) and own["runAsUser"] > 0,
                "readOnlyRootFilesystem": own.get("readOnlyRootFilesystem") is True,
                "no escalation": own.get("allowPrivilegeEscalation") is False,
                "dropped capabilities": own.get("capabilities") == CAPABILITIES.get(pods.name, {"drop": ["ALL"]}),
                "seccomp": own.get("seccompProfile") == {"type": "RuntimeDefault"},
                "no privileges": not own.get("privileged"),
            }
            yield from _missing("unprivileged", pods, container["name"], wanted)
        shared = {"hostNetwork"} - ({"hostNetwork"} if pods.name in ON_THE_NODE else set()) | {"hostPID", "hostIPC"}
        wanted = {f"no {name}": not pods.spec.get(name) for name in sorted(shared)}
        wanted["no folder of the node"] = not any("hostPath" in one for one in pods.spec.get("volumes", ()))
        yield from _missing("unprivileged", pods, "the pod", wanted)


def no_token(objects: Objects) -> Iterator[Finding]:
    """Each workload has an account of its own, and no token of it."""
    for pods in objects.pods():
        account = pods.spec.get("serviceAccountName", "default")
        wanted = {
            "automountServiceAccountToken: false": pods.spec.get("automountServiceAccountToken") is False,
            "an account of its own": bool(objects.find("ServiceAccount", account, pods.namespace)),
        }
        yield from _missing("no token", pods, "the pod", wanted)


def bounded(objects: Objects) -> Iterator[Finding]:
    """Processor and memory are asked for; memory is limited, the processor is not."""
    for pods in objects.pods():
        for container in pods.containers():
            resources = container.get("resources", {})
            requests, limits = resources.get("requests", {}), resources.get("limits", {})
            wanted = {
                "requests": {"cpu", "memory"} <= requests.keys(),
                "a limit of memory": "memory" in limits,
                "no limit of the processor": "cpu" not in limits,
            }
            yield from _missing("bounded", pods, container["name"], wanted)
        scratch = (one["emptyDir"] for one in pods.spec.get("volumes", ()) if "emptyDir" in one)
        if any("sizeLimit" not in one for one in scratch):
            yield Finding("bounded", pods.where, "a scratch folder without a size")


def probed(objects: Objects) -> Iterator[Finding]:
    """What serves is asked whether it has started, lives and is ready, at a port that it has."""
    for pods in objects.pods("Deployment", "StatefulSet"):
        for container in pods.serving():
            if not container.get("ports"):
                continue  # nobody calls it
            ports = {one["name"] for one in container["ports"]}
            for name in ("startupProbe", "livenessProbe", "readinessProbe"):
                probe = container.get(name, {})
                if not probe.keys() & {"httpGet", "exec"}:
                    yield Finding("probed", pods.where, f"{container['name']}: no {name}")
                elif "httpGet" in probe and probe["httpGet"]["port"] not in ports:
                    yield Finding("probed", pods.where, f"{container['name']}: {name} asks at a port that it has not")


def pinned(objects: Objects) -> Iterator[Finding]:
    """Which image runs does not change by itself."""
    images = [(pods.where, one["image"]) for pods in objects.pods() for one in pods.containers()]
    images += [
        (f"Cluster/{one['metadata']['name']}", one["spec"].get("imageName", "")) for one in objects.of_kind("Cluster")
    ]
    for at, image in images:
        name, _, tag = image.rpartition("/")[2].partition("@")[0].partition(":")
        if "@sha256:" not in image and (not tag or tag == "latest"):
            yield Finding("pinned", at, f"{name or 'no image'} has no tag of a release")


def drained(objects: Objects) -> Iterator[Finding]:
    """A rollout takes nothing away before its successor serves, and gives what ends the time that it may take."""
    for pods in objects.pods("Deployment"):
        rollout = pods.owner["spec"].get("strategy", {}).get("rollingUpdate", {})
        if pods.name not in ON_THE_NODE and rollout != {"maxUnavailable": 0, "maxSurge": 1}:
            yield Finding("drained", pods.where, "a rollout may take a replica away first")
        grace = pods.spec.get("terminationGracePeriodSeconds", 30)
        for container in pods.spec["containers"]:
            if grace <= _drain_seconds(objects, pods, container):
                yield Finding("drained", pods.where, f"{container['name']} is killed before it has drained")


def _drain_seconds(objects: Objects, pods: Pods, container: Manifest) -> float:
    before = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    return float(before) + float(variables(objects, pods, container).get("APRICOT_DRAIN_SECONDS", 0))


def spread(objects: Objects) -> Iterator[Finding]:
    """Replicas stand apart: in other zones if there are, on other nodes in any case."""
    for pods in objects.pods("Deployment"):
        constraints = {one["topologyKey"]: one for one in pods.spec.get("topologySpreadConstraints", ())}
        for key in SPREAD:
            found = constraints.get(key)
            if found is None or not matches(found.get("labelSelector"), pods.labels):
                yield Finding("spread", pods.where, f"not by {key}")


def _missing(policy: str, pods: Pods, part: str, wanted: dict[str, bool]) -> Iterator[Finding]:
    return (Finding(policy, pods.where, f"{part}: {name}") for name, holds in wanted.items() if not holds)
