"""The platform, run from the manifests of one overlay."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.rehearsal.cluster import Cluster
from deploy.rehearsal.container import Say
from deploy.rehearsal.manifests import Objects, name_of
from deploy.rehearsal.programs import image_of, runs_here
from deploy.rehearsal.stand_ins import StandIns
from deploy.rehearsal.workloads import Deployment, StatefulSet, run_job
from stack.platform import all_or_first_failure

_READ = {"ConfigMap", "Secret", "ExternalSecret", "Certificate", "Service"}
_PLAYED = {"Deployment", "StatefulSet", "Job"}
_GATEWAY_PORT = 443


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
    def gateway_address(self) -> str:
        """`host:port`, of the Service's own address."""
        return f"{self.cluster.address_of('gateway')}:{_GATEWAY_PORT}"

    async def start(self) -> None:
        """Engines, then the migration, then all the others side by side."""
        for one in self.stateful_sets.values():
            await one.settle()
        for job in self.cluster.objects.of_kind("Job"):
            await run_job(self.cluster, job)
        await all_or_first_failure(deployment.settle() for deployment in self.deployments.values())


@asynccontextmanager
async def rehearsed(objects: Objects, state: Path, say: Say) -> AsyncIterator[Rehearsed]:
    """Inside `space`: the overlay's platform, for the length of the block."""
    async with Cluster(objects, state, say) as cluster, StandIns(cluster) as stand_ins:
        platform = Rehearsed(cluster, stand_ins)
        await platform.start()
        yield platform
