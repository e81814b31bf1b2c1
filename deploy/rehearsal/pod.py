"""A pod: an address of its own, its volumes, its init containers one after the other, and then its containers."""

import asyncio
from pathlib import Path

from deploy.manifests import Manifest
from deploy.rehearsal import space
from deploy.rehearsal.container import Box, Container, Say
from deploy.rehearsal.environment import Identity, environment
from deploy.rehearsal.manifests import Objects
from deploy.rehearsal.programs import PATH, ROOT, command_of
from deploy.rehearsal.volumes import Volumes
from stack.log import Log

_GRACE_SECONDS = 30.0
"""Kubernetes' own."""


def bucket(state: Path) -> Path:
    """The folder that every pod sees: it stands in for S3."""
    return state / "bucket"


class InitFailed(Exception):
    """An init container has ended for good without success."""


class Pod:
    """One pod, from its start to its end."""

    def __init__(self, name: str, address: str, template: Manifest, objects: Objects, state: Path, say: Say) -> None:
        self.name, self.address = name, address
        self.template = template
        self.labels: dict[str, str] = template["metadata"].get("labels") or {}
        self.terminating = False
        self.ready_since: float | None = None
        """By the loop's clock."""
        self._spec = template["spec"]
        self._state, self._say = state, say
        self._objects = objects
        self._self = Identity(name, objects.namespace, address, template["metadata"])
        self.volumes = Volumes(
            state / "pods" / name / "volumes",
            state / "claims",
            self._spec.get("volumes") or [],
            self._self,
            objects,
        )
        self._sidecars, self._inits = list[Container](), list[Container]()
        for one in self._spec.get("initContainers") or []:
            if one.get("restartPolicy") == "Always":
                self._sidecars.append(self._container(one, "Always"))
            else:
                self._inits.append(self._container(one, "OnFailure"))
        self._order = [one["name"] for one in self._spec.get("initContainers") or []]
        restart = self._spec.get("restartPolicy", "Always")
        self.mains = [self._container(one, restart) for one in self._spec["containers"]]
        self._running: dict[str, asyncio.Task[int]] = {}

    @property
    def containers(self) -> list[Container]:
        """Those that live as long as the pod."""
        return [*self._sidecars, *self.mains]

    @property
    def ready(self) -> bool:
        """Whether it gets traffic."""
        return not self.terminating and all(one.ready for one in self.containers)

    @property
    def restarts(self) -> int:
        return sum(one.restarts for one in self.containers)

    async def run(self) -> list[int]:
        """Until every main container has ended for good: their exit codes. Errors: InitFailed."""
        await space.plug_in(self.name, self.address)
        by_name = {one.name: one for one in (*self._sidecars, *self._inits)}
        async with asyncio.TaskGroup() as group:
            for name in self._order:
                one = by_name[name]
                if one in self._sidecars:
                    self._running[name] = group.create_task(one.run())
                    await one.started.wait()
                elif await one.run() != 0 and not self.terminating:
                    raise InitFailed(f"{self.name} {name}: {one.log.tail()}")
            if self.terminating:
                return []
            for one in self.mains:
                self._running[one.name] = group.create_task(one.run())
            codes = list(await asyncio.gather(*(self._running[one.name] for one in self.mains)))
            await self._stop(self._sidecars, asyncio.get_running_loop().time() + _GRACE_SECONDS)
        return codes

    async def delete(self) -> None:
        """As `kubectl delete pod` does: out of DNS at once, then stopped within its grace, sidecars last."""
        self.terminating = True
        grace = self._spec.get("terminationGracePeriodSeconds", _GRACE_SECONDS)
        deadline = asyncio.get_running_loop().time() + grace
        await self._stop(self._inits, deadline)
        await self._stop(self.mains, deadline)
        await self._stop(self._sidecars, deadline)
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        await space.unplug(self.name)
        self.volumes.remove()

    def kill(self) -> None:
        """SIGKILL to each main program; the kubelet starts them again."""
        for one in self.mains:
            one.kill()

    @staticmethod
    async def _stop(containers: list[Container], deadline: float) -> None:
        await asyncio.gather(*(one.stop(deadline) for one in containers))

    def _container(self, declared: Manifest, restart: str) -> Container:
        variables = environment(declared, self._self, self._objects, PATH)
        security = declared.get("securityContext") or {}
        box = Box(
            space=self.name,
            hostname=self.name,
            scratch=str(self._state / "pods" / self.name / declared["name"]),
            files={"/etc/hosts": f"127.0.0.1 localhost\n{self.address} {self.name}\n"},
            mounts=[
                *((str(one.source), one.target, one.read_only) for one in self.volumes.mounts(declared)),
                (str(ROOT), str(ROOT), True),  # also where a volume lies over it
                (str(bucket(self._state)), str(bucket(self._state)), False),
            ],
            read_only=bool(security.get("readOnlyRootFilesystem")),
            folder=str(ROOT),
            command=command_of(declared, variables),
            environment=variables,
        )
        log = Log(self._state / "logs" / f"{self.name}.{declared['name']}.log")
        return Container(declared, box, self.address, log, restart, lambda text: self._say(f"{self.name}: {text}"))
