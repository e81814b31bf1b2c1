"""The cluster: its pods, what its names mean, and what went wrong in it."""

import asyncio
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path

from deploy.manifests import Manifest
from deploy.rehearsal import space
from deploy.rehearsal.balancer import Balancer
from deploy.rehearsal.container import Say
from deploy.rehearsal.manifests import Objects, name_of, selects
from deploy.rehearsal.names import ZONE, Names, resolv_conf
from deploy.rehearsal.pod import Pod, bucket
from deploy.rehearsal.probes import port_of

_PAUSE_SECONDS = 0.05


class TooLate(Exception):
    """Something did not come about in time."""


class Cluster:
    """Inside `space`, with which its processes end."""

    def __init__(self, objects: Objects, state: Path, say: Say) -> None:
        self.objects, self.state, self.say = objects, state, say
        self.pods: list[Pod] = []
        self._lives: dict[Pod, asyncio.Task[list[int]]] = {}
        self._ends: set[asyncio.Task[None]] = set()
        self._pod_addresses = map(str, ip_network("10.244.64.0/18").hosts())
        self._own_addresses = map(str, ip_network("10.244.128.0/18").hosts())
        self._addresses: dict[str, str] = {}
        """Of Services: their own, or those of somebody else's pods."""
        self.public_names: dict[str, str] = {}
        """What the world's DNS would say."""
        self._names = Names(self.resolve)
        self._balancers = list[Balancer]()

    async def __aenter__(self) -> "Cluster":
        for folder in self.state / "logs", bucket(self.state):
            folder.mkdir(parents=True)
        await space.furnish()
        await space.use_names(resolv_conf(self.objects.namespace, space.HOST), self.state / "resolv.conf")
        await self._names.serve(space.HOST)
        for service in self.objects.of_kind("Service"):
            if service["spec"].get("clusterIP") != "None" and service["spec"].get("selector"):
                await self._balance(service)
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [*self._lives.values(), *self._ends]  # the processes end with the space
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for balancer in self._balancers:
            balancer.close()
        self._names.close()

    async def stand_in(self, service: str) -> str:
        """An address of this machine's for a Service whose pods are somebody else's."""
        address = next(self._own_addresses)
        await space.add_address(address)
        self._addresses[service] = address
        return address

    def address_of(self, service: str) -> str:
        """A Service's own address; a headless one has none."""
        return self._addresses[service]

    def start(self, name: str, template: Manifest) -> Pod:
        pod = Pod(name, next(self._pod_addresses), template, self.objects, self.state, self.say)
        self.pods.append(pod)
        self._lives[pod] = asyncio.create_task(pod.run(), name=name)
        return pod

    async def delete(self, pod: Pod) -> None:
        await pod.delete()
        life = self._lives.pop(pod)
        self.pods.remove(pod)
        await life

    def delete_soon(self, pod: Pod) -> None:
        """Begun at once, awaited by nobody but the cluster's own end."""
        pod.terminating = True
        self._ends.add(asyncio.create_task(self.delete(pod), name=f"end of {pod.name}"))

    async def end_of(self, pod: Pod) -> list[int]:
        """Exit codes of a pod that runs to completion."""
        return await self._lives[pod]

    async def until(self, condition: Callable[[], bool], what: str, seconds: float = 120) -> None:
        """Wait until it holds. Errors: TooLate, and whatever a pod has failed with."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not condition():
            self._look()
            if asyncio.get_running_loop().time() > deadline:
                raise TooLate(f"{what}: not within {seconds:g} s")
            for pod in self.pods:
                self._note(pod)
            await asyncio.sleep(_PAUSE_SECONDS)

    def selected(self, selector: dict[str, str]) -> Iterator[Pod]:
        return (pod for pod in self.pods if selects(selector, pod.labels))

    def resolve(self, name: str) -> list[str] | None:
        """A full name's addresses, or None."""
        if name in self.public_names:
            return [self.public_names[name]]
        suffix = f".{self.objects.namespace}.svc.{ZONE}"
        *first, service = name.removesuffix(suffix).split(".")
        if not name.endswith(suffix) or len(first) > 1:
            return None
        if service in self._addresses:
            return [self._addresses[service]]
        found = self.objects.find("Service", service)
        if found is None:
            return None
        spec = found["spec"]
        early = bool(spec.get("publishNotReadyAddresses"))
        pods = [pod for pod in self.selected(spec["selector"]) if pod.ready or early]
        if first:
            pods = [pod for pod in pods if pod.name == first[0] and pod.template["spec"].get("subdomain") == service]
            return [pod.address for pod in pods] or None
        return [pod.address for pod in pods]

    async def _balance(self, service: Manifest) -> None:
        name, spec = name_of(service), service["spec"]
        address = await self.stand_in(name)
        for port in spec["ports"]:
            balancer = Balancer(lambda port=port: self._ends_of(spec["selector"], port))  # type: ignore[misc]
            await balancer.serve(address, int(port["port"]))
            self._balancers.append(balancer)

    def _ends_of(self, selector: dict[str, str], port: Manifest) -> list[tuple[str, int]]:
        ready = [pod for pod in self.selected(selector) if pod.ready]
        return [(pod.address, _target(pod, port)) for pod in ready]

    def _look(self) -> None:
        """Raise what a pod or its end has failed with."""
        for task in (*self._lives.values(), *self._ends):
            if task.done() and not task.cancelled() and (error := task.exception()):
                raise error

    @staticmethod
    def _note(pod: Pod) -> None:
        if not pod.ready:
            pod.ready_since = None
        elif pod.ready_since is None:
            pod.ready_since = asyncio.get_running_loop().time()


def _target(pod: Pod, port: Manifest) -> int:
    wanted: int | str = port.get("targetPort") or port["port"]
    if isinstance(wanted, int):
        return wanted
    owner = next(
        one.declared
        for one in pod.containers
        if any(each.get("name") == wanted for each in one.declared.get("ports") or [])
    )
    return port_of(owner, wanted)
