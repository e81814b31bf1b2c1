"""What keeps pods: Deployments, StatefulSets and Jobs, as their controllers do."""

import asyncio
import math
import secrets
from collections.abc import Sequence
from copy import deepcopy

from deploy.manifests import Manifest
from deploy.rehearsal.cluster import Cluster
from deploy.rehearsal.manifests import name_of
from deploy.rehearsal.pod import Pod

_PATIENCE_SECONDS = 240.0


class JobFailed(Exception):
    """A Job's pod ended without success."""


class Deployment:
    """Replicas, replaced by new ones step by step."""

    def __init__(self, cluster: Cluster, manifest: Manifest) -> None:
        self.name = name_of(manifest)
        self.replicas = cluster.objects.replicas(manifest)
        self._cluster = cluster
        self._spec = manifest["spec"]
        self._revision = 1
        self._pods: dict[Pod, int] = {}

    @property
    def pods(self) -> list[Pod]:
        """Those that are to stay, the oldest first."""
        return [pod for pod in self._pods if not pod.terminating]

    async def settle(self) -> None:
        """Until all replicas there are to be are of the newest revision and available, and none besides."""
        await self._cluster.until(self._step, f"{self.name} has {self.replicas} available", _PATIENCE_SECONDS)

    async def restart(self) -> None:
        """As `kubectl rollout restart` does."""
        self._revision += 1
        await self.settle()

    async def scale(self, replicas: int) -> None:
        self.replicas = replicas
        await self.settle()

    def _step(self) -> bool:
        """Start and end pods as far as the strategy lets us. Whether all is as it should be."""
        pods = self.pods
        new = [pod for pod in pods if self._pods[pod] == self._revision]
        old = [pod for pod in pods if pod not in new]
        surge, unavailable = self._bounds()
        for _ in range(min(self.replicas - len(new), self.replicas + surge - len(pods))):
            self._start()
        surplus = sorted(old, key=self._available) or new[self.replicas :]
        spare = sum(map(self._available, pods)) - (self.replicas - unavailable)
        for pod in surplus[: max(0, len(pods) - self.replicas + unavailable)]:
            if spare <= 0 and self._available(pod):
                break
            spare -= self._available(pod)
            del self._pods[pod]
            self._cluster.delete_soon(pod)
        return not surplus and len(new) == self.replicas and all(map(self._available, new))

    def _start(self) -> None:
        name = f"{self.name}-{self._revision}-{secrets.token_hex(2)}"
        self._pods[self._cluster.start(name, self._spec["template"])] = self._revision

    def _available(self, pod: Pod) -> bool:
        enough = float(self._spec.get("minReadySeconds", 0))
        return pod.ready_since is not None and asyncio.get_running_loop().time() - pod.ready_since >= enough

    def _bounds(self) -> tuple[int, int]:
        """How many pods may be too many, and how many too few."""
        rolling = (self._spec.get("strategy") or {}).get("rollingUpdate") or {}
        surge = _share(rolling.get("maxSurge", "25%"), self.replicas, math.ceil)
        return surge, _share(rolling.get("maxUnavailable", "25%"), self.replicas, math.floor)


class StatefulSet:
    """Pods with names and claims that stay."""

    def __init__(self, cluster: Cluster, manifest: Manifest) -> None:
        self.name = name_of(manifest)
        self._cluster = cluster
        self._spec = manifest["spec"]
        self.pods: list[Pod] = []

    async def settle(self) -> None:
        """One after the other, or all at once, as is declared."""
        ordered = self._spec.get("podManagementPolicy", "OrderedReady") == "OrderedReady"
        for number in range(int(self._spec.get("replicas", 1))):
            self.pods.append(self._start(number))
            if ordered:
                await self._are_ready()
        await self._are_ready()

    async def restart(self) -> None:
        """From the last to the first, each once the one before is ready again."""
        for number in reversed(range(len(self.pods))):
            await self._cluster.delete(self.pods[number])
            self.pods[number] = self._start(number)
            await self._are_ready()

    async def _are_ready(self) -> None:
        pods = self.pods
        await self._cluster.until(lambda: all(pod.ready for pod in pods), f"{self.name} is ready", _PATIENCE_SECONDS)

    def _start(self, number: int) -> Pod:
        name = f"{self.name}-{number}"
        template = deepcopy(self._spec["template"])
        spec = template["spec"]
        spec["subdomain"] = self._spec["serviceName"]
        template["metadata"].setdefault("labels", {})["apps.kubernetes.io/pod-index"] = str(number)
        claims = [name_of(one) for one in self._spec.get("volumeClaimTemplates") or []]
        spec["volumes"] = [
            *(spec.get("volumes") or []),
            *({"name": claim, "persistentVolumeClaim": {"claimName": f"{claim}-{name}"}} for claim in claims),
        ]
        return self._cluster.start(name, template)


async def run_job(cluster: Cluster, manifest: Manifest) -> None:
    """To its success. Errors: JobFailed."""
    name = name_of(manifest)
    for _ in range(1 + int(manifest["spec"].get("backoffLimit", 6))):
        pod = cluster.start(f"{name}-{secrets.token_hex(2)}", manifest["spec"]["template"])
        codes: Sequence[int] = await cluster.end_of(pod)
        await cluster.delete(pod)
        if not any(codes):
            return
    raise JobFailed(f"{name}: {pod.mains[0].log.tail()}")


def _share(wanted: int | str, replicas: int, rounded: object) -> int:
    """A number, or a percentage of the replicas."""
    if isinstance(wanted, int):
        return wanted
    return int(rounded(float(wanted.removesuffix("%")) / 100 * replicas))  # type: ignore[operator]
