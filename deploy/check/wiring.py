"""Whether what objects say of each other is so."""

from collections.abc import Iterator, Mapping
from typing import Any

from deploy.check.objects import Finding, Objects, Pods, matches, where

_CREDENTIAL = "APRICOT_DATABASE_URL"


def references(objects: Objects) -> Iterator[Finding]:
    """Every ConfigMap, Secret, key, claim and priority that a pod names is there."""
    for pods in objects.pods():
        for kind, name, key in _named(pods):
            data = objects.data(kind, name, pods.namespace)
            if data is None or (key and key not in data):
                yield Finding("references", pods.where, f"no {kind} {name}{f' with {key}' if key else ''}")
        for volume in pods.spec.get("volumes", ()):
            claim = volume.get("persistentVolumeClaim", {}).get("claimName")
            if claim and not objects.find("PersistentVolumeClaim", claim, pods.namespace):
                yield Finding("references", pods.where, f"no PersistentVolumeClaim {claim}")
        if not objects.find("PriorityClass", pods.spec.get("priorityClassName", "")):
            yield Finding("references", pods.where, "no priority")
        yield from _mounts(pods)


def separate(objects: Objects) -> Iterator[Finding]:
    """No two services have the same credentials, and none has the owner's."""
    readers: dict[str, set[str]] = {}
    for pods in objects.pods():
        for kind, name, _ in _named(pods):
            if kind == "Secret" and _CREDENTIAL in (objects.data(kind, name, pods.namespace) or {}):
                readers.setdefault(name, set()).add(pods.labels.get("apricot.example/service", pods.name))
    for name, services in readers.items():
        if len(services) > 1:
            yield Finding("separate", f"Secret/{name}", f"is shared by {', '.join(sorted(services))}")


def _mounts(pods: Pods) -> Iterator[Finding]:
    claims = {one["metadata"]["name"] for one in pods.owner["spec"].get("volumeClaimTemplates", ())}
    known = claims | {one["name"] for one in pods.spec.get("volumes", ())}
    for container in pods.containers():
        for one in container.get("volumeMounts", ()):
            if one["name"] not in known:
                yield Finding("references", pods.where, f"{container['name']} mounts {one['name']}, which is not there")


def _named(pods: Pods) -> Iterator[tuple[str, str, str]]:
    """Kind, name and key; no key: as a whole."""
    for container in pods.containers():
        for source in container.get("envFrom", ()):
            for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                if field in source:
                    yield kind, source[field]["name"], ""
        for variable in container.get("env", ()):
            for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                if reference := variable.get("valueFrom", {}).get(field):
                    yield kind, reference["name"], reference["key"]
    for volume in pods.spec.get("volumes", ()):
        if "configMap" in volume:
            yield "ConfigMap", volume["configMap"]["name"], ""
        if "secret" in volume:
            yield "Secret", volume["secret"]["secretName"], ""


def services(objects: Objects) -> Iterator[Finding]:
    """Every Service leads to a pod that has its ports."""
    for one in objects.of_kind("Service"):
        chosen = [pods for pods in objects.pods() if _selects(one, pods)]
        if not chosen:
            yield Finding("services", where(one), "leads to no pod")
        for port in one["spec"]["ports"]:
            wanted = port.get("targetPort", port["port"])
            if chosen and not any(wanted in _ports(pods) for pods in chosen):
                yield Finding("services", where(one), f"no pod has the port {wanted}")


def _selects(service: Mapping[str, Any], pods: Pods) -> bool:
    selector, namespace = service["spec"].get("selector"), service["metadata"].get("namespace", "")
    return bool(selector) and namespace == pods.namespace and matches({"matchLabels": selector}, pods.labels)


def _ports(pods: Pods) -> set[object]:
    ports = [port for container in pods.containers() for port in container.get("ports", ())]
    return {one["containerPort"] for one in ports} | {one["name"] for one in ports}


def selected(objects: Objects) -> Iterator[Finding]:
    """A workload's selector takes its own pods and nobody else's."""
    everyone = list(objects.pods("Deployment", "StatefulSet", "DaemonSet"))
    for pods in everyone:
        selector = pods.owner["spec"]["selector"]
        taken = [one.name for one in everyone if one.namespace == pods.namespace and matches(selector, one.labels)]
        if taken != [pods.name]:
            yield Finding("selected", pods.where, f"its selector takes {', '.join(taken) or 'nothing'}")


def budgeted(objects: Objects) -> Iterator[Finding]:
    """Whoever has replicas keeps all of them but one when a node is emptied; no budget stands alone."""
    replicated = [pods for pods in objects.pods("Deployment", "StatefulSet") if _replicas(objects, pods) > 1]
    budgets = list(objects.of_kind("PodDisruptionBudget"))
    for pods in replicated:
        mine = [one for one in budgets if _covers(one, pods)]
        if len(mine) != 1 or mine[0]["spec"].get("maxUnavailable") != 1:
            yield Finding("budgeted", pods.where, "has no budget of one")
    for one in budgets:
        if not any(_covers(one, pods) for pods in replicated):
            yield Finding("budgeted", where(one), "is of no workload with replicas")


def _covers(budget: Mapping[str, Any], pods: Pods) -> bool:
    same = budget["metadata"].get("namespace", "") == pods.namespace
    return same and matches(budget["spec"]["selector"], pods.labels)


def _replicas(objects: Objects, pods: Pods) -> int:
    for one in objects.of_kind("HorizontalPodAutoscaler"):
        if one["spec"]["scaleTargetRef"]["name"] == pods.name:
            return int(one["spec"]["minReplicas"])
    return int(pods.owner["spec"].get("replicas", 1))


def scaled(objects: Objects) -> Iterator[Finding]:
    """A scaler has a Deployment, by itself, whose number of replicas nobody else sets."""
    seen: set[str] = set()
    for one in objects.of_kind("HorizontalPodAutoscaler"):
        target, spec = one["spec"]["scaleTargetRef"], one["spec"]
        found = objects.find(target["kind"], target["name"], one["metadata"].get("namespace", ""))
        if found is None:
            yield Finding("scaled", where(one), f"there is no {target['kind']} {target['name']}")
        elif "replicas" in found["spec"]:
            yield Finding("scaled", where(one), "each apply would set its replicas back")
        if target["name"] in seen or not 1 < spec["minReplicas"] < spec["maxReplicas"]:
            yield Finding("scaled", where(one), "is not the only one, or has no room")
        seen.add(target["name"])
