"""Each policy finds an overlay that is broken in its way, and nothing in those that there are."""

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from deploy import manifests
from deploy.check.objects import Objects
from deploy.check.policies import POLICIES
from deploy.manifests import Manifest

type Break = Callable[[dict[str, Manifest]], object]
"""Breaks one of the objects, which are known by `Kind/name`."""


@cache
def rendered(overlay: str) -> list[Manifest]:
    return manifests.render(overlay)


def found(objects: list[Manifest]) -> set[str]:
    """The names of the policies that find something."""
    return {policy.__name__ for policy in POLICIES if list(policy(Objects(objects)))}


def broken(overlay: str, change: Break) -> list[Manifest]:
    objects = copy.deepcopy(rendered(overlay))
    change({f"{one['kind']}/{one['metadata']['name'].split('-0.')[0]}": one for one in objects})
    return objects


def pod(all_: dict[str, Manifest], of: str = "Deployment/glucose") -> Any:
    return all_[of]["spec"]["template"]["spec"]


def program(all_: dict[str, Manifest], of: str = "Deployment/glucose") -> Any:
    return pod(all_, of)["containers"][-1]


def secure(all_: dict[str, Manifest]) -> Any:
    return program(all_)["securityContext"]


def policy_rule(all_: dict[str, Manifest], name: str, side: str) -> Any:
    return all_[f"NetworkPolicy/{name}"]["spec"][side][0]


def remove(objects: dict[str, Manifest], name: str) -> None:
    """As good as gone: of a kind that nobody asks for, under another name."""
    objects[name] |= {"apiVersion": "v1", "kind": "Gone", "metadata": {"name": "gone"}}


def configured(all_: dict[str, Manifest], start: str) -> Any:
    return next(one for name, one in all_.items() if name.startswith(f"ConfigMap/{start}"))["data"]


BREAKS: list[tuple[str, Break]] = [
    ("schemas", lambda a: program(a).update(imagePullPolice="Always")),
    ("schemas", lambda a: a["Deployment/glucose"]["spec"].update(replicas="two")),
    ("schemas", lambda a: a["Cluster/postgres"]["spec"]["postgresql"].update(syncronous={})),
    ("schemas", lambda a: a["Cluster/postgres"]["spec"]["postgresql"]["synchronous"].update(number=0)),
    ("schemas", lambda a: a["ScheduledBackup/postgres"]["spec"].update(schedule="0 2 * * *")),
    ("schemas", lambda a: a["ObjectStore/postgres"]["spec"].update(retentionPolicy="for ever")),
    ("schemas", lambda a: a["Certificate/identity"]["spec"].update(renewAfter="1h")),
    ("schemas", lambda a: a["Issuer/parts"]["spec"].update(selfSigned={})),
    ("schemas", lambda a: a["ExternalSecret/identity"]["spec"].pop("secretStoreRef")),
    ("schemas", lambda a: a["ClusterSecretStore/apricot"]["spec"].update(provider={})),
    ("schemas", lambda a: a["Service/glucose"].update(apiVersion="apps/v7")),
    ("unprivileged", lambda a: pod(a)["securityContext"].pop("runAsNonRoot")),
    ("unprivileged", lambda a: pod(a)["securityContext"].update(runAsUser=0)),
    ("unprivileged", lambda a: pod(a)["securityContext"].pop("seccompProfile")),
    ("unprivileged", lambda a: secure(a).pop("readOnlyRootFilesystem")),
    ("unprivileged", lambda a: secure(a).pop("allowPrivilegeEscalation")),
    ("unprivileged", lambda a: secure(a).update(capabilities={"drop": ["ALL"], "add": ["NET_ADMIN"]})),
    ("unprivileged", lambda a: secure(a).update(privileged=True)),
    ("unprivileged", lambda a: pod(a).update(hostNetwork=True)),
    ("unprivileged", lambda a: pod(a, "Deployment/coturn").update(hostPID=True)),
    ("unprivileged", lambda a: pod(a)["volumes"].append({"name": "node", "hostPath": {"path": "/"}})),
    ("unprivileged", lambda a: pod(a, "Deployment/gateway")["initContainers"][0].pop("securityContext")),
    ("no_token", lambda a: pod(a).pop("automountServiceAccountToken")),
    ("no_token", lambda a: pod(a).pop("serviceAccountName")),
    ("bounded", lambda a: program(a)["resources"].pop("limits")),
    ("bounded", lambda a: program(a)["resources"]["requests"].pop("cpu")),
    ("bounded", lambda a: program(a)["resources"]["limits"].update(cpu="1")),
    ("bounded", lambda a: pod(a)["volumes"].append({"name": "more", "emptyDir": {}})),
    ("probed", lambda a: program(a).pop("livenessProbe")),
    ("probed", lambda a: program(a)["readinessProbe"]["httpGet"].update(port="web")),
    ("pinned", lambda a: program(a).update(image="registry.example.org/apricot")),
    ("pinned", lambda a: program(a).update(image="registry.example.org:5000/apricot:latest")),
    ("pinned", lambda a: a["Cluster/postgres"]["spec"].update(imageName="postgresql")),
    ("drained", lambda a: a["Deployment/glucose"]["spec"]["strategy"]["rollingUpdate"].update(maxUnavailable=1)),
    ("drained", lambda a: pod(a).update(terminationGracePeriodSeconds=20)),
    ("drained", lambda a: pod(a, "Deployment/gateway").update(terminationGracePeriodSeconds=10)),
    ("spread", lambda a: pod(a)["topologySpreadConstraints"].pop()),
    ("spread", lambda a: pod(a)["topologySpreadConstraints"][0].update(labelSelector={"matchLabels": {"a": "b"}})),
    ("references", lambda a: program(a)["envFrom"][0]["configMapRef"].update(name="other")),
    ("references", lambda a: remove(a, "ExternalSecret/identity")),
    ("references", lambda a: remove(a, "Certificate/glucose")),
    ("references", lambda a: remove(a, "PriorityClass/apricot-live")),
    ("references", lambda a: program(a)["volumeMounts"].append({"name": "none", "mountPath": "/none"})),
    ("references", lambda a: a["ExternalSecret/nats"]["spec"]["target"]["template"]["data"].pop("route_password")),
    ("services", lambda a: a["Service/glucose"]["spec"].update(selector={"app": "glucose"})),
    ("services", lambda a: a["Service/glucose"]["spec"]["ports"][0].update(targetPort="rpc")),
    (
        "selected",
        lambda a: a["Deployment/glucose"]["spec"]["selector"].update(
            matchLabels={"app.kubernetes.io/component": "program"}
        ),
    ),
    ("budgeted", lambda a: remove(a, "PodDisruptionBudget/identity")),
    ("budgeted", lambda a: a["PodDisruptionBudget/nats"]["spec"].update(maxUnavailable=2)),
    ("scaled", lambda a: a["HorizontalPodAutoscaler/glucose"]["spec"]["scaleTargetRef"].update(name="glycose")),
    ("scaled", lambda a: a["Deployment/glucose"]["spec"].update(replicas=2)),
    ("settings", lambda a: configured(a, "apricot-").update(APRICOT_GRPC_PROT="9000")),
    ("settings", lambda a: configured(a, "apricot-").pop("APRICOT_GRPC_PORT")),
    ("settings", lambda a: configured(a, "apricot-").update(APRICOT_GRPC_PORT="90000")),
    ("settings", lambda a: configured(a, "consult-").update(APRICOT_TURN_URLS="turn.example.org")),
    ("settings", lambda a: configured(a, "gateway").update(APRICOT_GATEWAY_PORT="1")),
    (
        "settings",
        lambda a: a["ExternalSecret/identity"]["spec"]["target"]["template"]["data"].pop("APRICOT_IDENTITY_KEY"),
    ),
    (
        "settings",
        lambda a: a["ExternalSecret/push"]["spec"]["target"]["template"]["data"].update(APRICOT_IDENTITY_KEY="x"),
    ),
    ("separate", lambda a: program(a, "Deployment/pharmacy")["envFrom"].append({"secretRef": {"name": "owner"}})),
    ("denied", lambda a: remove(a, "NetworkPolicy/default-deny")),
    ("allowed", lambda a: remove(a, "NetworkPolicy/identity")),
    ("allowed", lambda a: remove(a, "NetworkPolicy/to-postgres")),
    ("allowed", lambda a: policy_rule(a, "postgres", "ingress").pop("from")),
    ("allowed", lambda a: policy_rule(a, "pharmacy", "ingress")["from"].append({"podSelector": {}})),
    ("allowed", lambda a: policy_rule(a, "keys", "ingress")["ports"][0].update(port=9100)),
    ("allowed", lambda a: policy_rule(a, "to-payments", "egress")["to"][0]["ipBlock"].update(cidr="0.0.0.0/0")),
    ("allowed", lambda a: policy_rule(a, "scrape", "ingress")["from"][0].update(namespaceSelector={})),
    (
        "allowed",
        lambda a: a["NetworkPolicy/to-nats"]["spec"]["podSelector"].update(
            matchLabels={"app.kubernetes.io/name": "glucose"}
        ),
    ),
]


@pytest.mark.parametrize("overlay", manifests.OVERLAYS)
def test_nothing_is_found_in_what_there_is(overlay: str) -> None:
    assert found(rendered(overlay)) == set()


@pytest.mark.parametrize(("policy", "change"), BREAKS, ids=[f"{name}-{n}" for n, (name, _) in enumerate(BREAKS)])
def test_what_is_broken_is_found(policy: str, change: Break) -> None:
    (one,) = [each for each in POLICIES if each.__name__ == policy]
    objects = broken("production", change)
    if policy == "schemas":  # looks at each object by itself, and takes its time
        objects = [new for new, was in zip(objects, rendered("production"), strict=True) if new != was]
    assert list(one(Objects(objects)))


def test_every_policy_is_tried() -> None:
    assert {name for name, _ in BREAKS} == {policy.__name__ for policy in POLICIES}


@pytest.mark.parametrize("overlay", manifests.OVERLAYS)
def test_rendering_is_pure(overlay: str) -> None:
    assert manifests.text(overlay) == manifests.text(overlay)
