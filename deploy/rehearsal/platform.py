"""The platform, run from the manifests of one overlay."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.rehearsal.cluster import Cluster
from deploy.rehearsal.container import Say
from deploy.rehearsal.manifests import Objects, name_of
from deploy.rehearsal.metrics import known_replicas
from deploy.rehearsal.programs import image_of, runs_here
from deploy.rehearsal.stand_ins import StandIns
from deploy.rehearsal.workloads import Deployment, StatefulSet, run_job
from stack.platform import all_or_first_failure
from stack.services import SERVICES

_READ = {"ConfigMap", "Secret", "ExternalSecret", "Certificate", "Service"}
_PLAYED = {"Deployment", "StatefulSet", "Job"}
_GATEWAY_PORT = 443
_PATIENCE_SECONDS = 60.0


class Rehearsed:
    """All of it, up."""

    def __init__(self, cluster: Cluster, stand_ins: StandIns) -> None:
        self.cluster, self.stand_ins = cluster, stand_ins
        objects = cluster.objects
        self.deployments = {
            name_of(one): Deployment(cluster, one)
            for one in objects.of_kind("Deployment")
            if runs_here(one["spec"]["template"])
        }
        self.stateful_sets = {
            name_of(one): StatefulSet(cluster, one)
            for one in objects.of_kind("StatefulSet")
            if runs_here(one["spec"]["template"])
        }

    @property
    def not_run(self) -> dict[str, list[str]]:
        """What the overlay has beside, by kind; said aloud, so that nobody takes it for rehearsed."""
        found = dict[str, list[str]]()
        played = {*self.deployments, *self.stateful_sets}
        for one in self.cluster.objects.all:
            kind = one["kind"]
            if kind in _READ or kind == "Job" or (kind in _PLAYED and name_of(one) in played):
                continue
            images = (
                f" ({', '.join(map(image_of, one['spec']['template']['spec']['containers']))})"
                if kind in _PLAYED
                else ""
            )
            found.setdefault(kind, []).append(f"{name_of(one)}{images}")
        return found

    @property
    def gateway(self) -> str:
        """`host:port` for the public."""
        return f"{self.stand_ins.public_name}:{_GATEWAY_PORT}"

    @property
    def trusted(self) -> bytes | bool:
        """What the public trusts: a root certificate, or False where the gateway speaks plain text."""
        return self.stand_ins.authority.pem if self.stand_ins.public_is_tls else False

    async def start(self) -> None:
        """Engines, then the migration, then all the others side by side."""
        for one in self.stateful_sets.values():
            await one.settle()
        for job in self.cluster.objects.of_kind("Job"):
            await run_job(self.cluster, job)
        await all_or_first_failure(deployment.settle() for deployment in self.deployments.values())
        await self.knows_its_services()

    async def is_calm(self) -> None:
        """Wait until every pod that is to end has ended."""
        pods = self.cluster.pods
        await self.cluster.until(lambda: not any(pod.terminating for pod in pods), "what is to end has ended")

    async def knows_its_services(self) -> None:
        """Wait until each gateway has found all replicas of each service: it looks its names up from time to time."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            for pod in self.deployments["gateway"].pods:
                while not self._is_known(await known_replicas(pod)):
                    await asyncio.sleep(0.1)

    def _is_known(self, found: dict[str, float]) -> bool:
        return all(found[name] == self.deployments[name].replicas for name in SERVICES)


@asynccontextmanager
async def rehearsed(objects: Objects, state: Path, say: Say) -> AsyncIterator[Rehearsed]:
    """Inside `space`: the overlay's platform, for the length of the block."""
    async with Cluster(objects, state, say) as cluster, StandIns(cluster) as stand_ins:
        platform = Rehearsed(cluster, stand_ins)
        await platform.start()
        yield platform
