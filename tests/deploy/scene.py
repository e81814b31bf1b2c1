"""`python -m tests.deploy.scene FOLDER`, inside a space: a small cluster's life, told as JSON."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp

from deploy.manifests import Manifest
from deploy.rehearsal.cluster import Cluster
from deploy.rehearsal.manifests import Objects
from deploy.rehearsal.pod import Pod
from deploy.rehearsal.workloads import Deployment

NAME = "kiosk.clinic.svc.cluster.local"


def manifests(**env: str) -> list[Manifest]:
    fields = {"HOST": "status.podIP", "ME": "metadata.name"}
    container = {
        "name": "kiosk",
        "image": "registry.example/apricot:1",
        "command": ["python", "-m", "tests.deploy.kiosk"],
        "env": [
            *({"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}} for name, path in fields.items()),
            *({"name": name, "value": value} for name, value in env.items()),
        ],
        "ports": [{"name": "http", "containerPort": 9000}],
        "readinessProbe": {"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 0.1},
        "securityContext": {"readOnlyRootFilesystem": True},
        "volumeMounts": [
            {"name": "conf", "mountPath": "/etc/kiosk", "readOnly": True},
            {"name": "shared", "mountPath": "/shared"},
        ],
    }
    prepare = {**container, "name": "prepare", "command": ["python", "-c", "open('/shared/prepared', 'w')"]}
    spec = {
        "initContainers": [prepare],
        "containers": [container],
        "volumes": [{"name": "conf", "configMap": {"name": "conf"}}, {"name": "shared", "emptyDir": {}}],
        "terminationGracePeriodSeconds": 1,
    }
    selector = {"app": "kiosk"}
    ports = [{"port": 80, "targetPort": "http"}]
    deployment = {
        "replicas": 2,
        "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "template": {"metadata": {"labels": selector}, "spec": spec},
    }
    here = {"namespace": "clinic"}
    return [
        {"kind": "ConfigMap", "metadata": {"name": "conf", **here}, "data": {"word": "plum"}},
        {"kind": "Service", "metadata": {"name": "gateway", **here}, "spec": {"selector": selector, "ports": ports}},
        {
            "kind": "Service",
            "metadata": {"name": "kiosk", **here},
            "spec": {"clusterIP": "None", "selector": selector, "ports": ports},
        },
        {"kind": "Deployment", "metadata": {"name": "kiosk", **here}, "spec": deployment},
    ]


async def get(address: str) -> dict[str, Any]:
    async with aiohttp.ClientSession() as http, http.get(f"http://{address}/") as answer:
        return dict(await answer.json(content_type=None))


def host_link() -> str:
    """The hardware address by which pods know this machine."""
    (link,) = json.loads(subprocess.check_output(["ip", "-json", "link", "show", "pods"]))
    return str(link["address"])


async def count(cluster: Cluster, seen: list[tuple[int, int]]) -> None:
    """How many pods there are, and how many of them are ready, again and again."""
    while True:
        pods = [pod for pod in cluster.pods if not pod.terminating]
        seen.append((len(pods), sum(pod.ready for pod in pods)))
        await asyncio.sleep(0.01)


async def play(cluster: Cluster, deployment: Deployment) -> dict[str, Any]:
    await deployment.settle()
    first = deployment.pods
    told: dict[str, Any] = {
        "answers": [await get(f"{pod.address}:9000") for pod in first],
        "names": [pod.name for pod in first],
        "in DNS": cluster.resolve(NAME) == [pod.address for pod in first],
        "by the balancer": sorted([(await get("gateway:80"))["me"] for _ in first]),
    }
    seen = list[tuple[int, int]]()
    counting = asyncio.create_task(count(cluster, seen))
    await deployment.restart()
    counting.cancel()
    told["most pods"], told["fewest ready"] = max(one for one, _ in seen), min(ready for _, ready in seen)
    told["all new"] = not set(first) & set(deployment.pods)
    told["after kill -9"] = await lose(cluster, deployment.pods[0])
    await deployment.scale(3)
    told["scaled out"] = len(cluster.resolve(NAME) or [])
    await deployment.scale(1)
    told["scaled in"] = len(cluster.resolve(NAME) or [])
    await cluster.delete(deployment.pods[0])
    told["pods left"] = len([pod for pod in cluster.pods if not pod.terminating])
    return told


async def lose(cluster: Cluster, pod: Pod) -> dict[str, Any]:
    before = pod.address
    pod.kill()
    await cluster.until(lambda: not pod.ready, "it is gone")
    while_gone = before in (cluster.resolve(NAME) or [])
    await cluster.until(lambda: pod.ready, "it is back")
    return {"in DNS while gone": while_gone, "restarts": pod.restarts, "same address": pod.address == before}


async def main(state: Path) -> None:
    said = list[str]()
    objects = Objects(manifests(STUBBORN="yes"))
    async with Cluster(objects, state, said.append) as cluster:
        deployment = objects.find("Deployment", "kiosk")
        assert deployment is not None
        before = host_link()
        told = await play(cluster, Deployment(cluster, deployment))
        told["one host"] = host_link() == before
    told["killed in the end"] = any("did not end in time" in line for line in said)
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
