"""What is done to the platform while it is under load."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial

from deploy.rehearsal.load import Figures, Load
from deploy.rehearsal.metrics import requests
from deploy.rehearsal.platform import Rehearsed
from deploy.rehearsal.pod import Pod
from stack.platform import all_or_first_failure

_PATIENCE_SECONDS = 60.0
_SCALED_OUT = "glucose", "identity"


class Acts:
    """One after the other, each with its figures."""

    def __init__(self, platform: Rehearsed, load: Load, listen: Callable[[Figures], None]) -> None:
        self._platform, self._load, self._listen = platform, load, listen

    async def all(self, only: str = "") -> list[Figures]:
        found = []
        for name, act in self._script():
            if only not in name:
                continue
            figures = await self._load.act(name, act())
            self._listen(figures)
            found.append(figures)
        found.append(await self._load.diaries())
        self._listen(found[-1])
        return found

    def _script(self) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
        platform = self._platform
        workers = [name for name in platform.deployments if name.endswith("-worker")]
        groups = {name: [name] for name in platform.deployments if name not in workers} | {"each worker": workers}
        yield "nothing", lambda: asyncio.sleep(5)
        for name, names in groups.items():
            yield f"rolling restart of {name}", partial(self._restart, names)
        for name in platform.stateful_sets:
            yield f"rolling restart of {name}", partial(self._restart_engine, name)
        for name, names in groups.items():
            yield f"kill -9 of one of {name}", partial(self._kill, names)
        for name in platform.stateful_sets:
            yield f"kill -9 of one of {name}", partial(self._kill_engine, name)
        for name in _SCALED_OUT:
            yield f"one more {name}, and one less", partial(self._scale, name)

    async def _restart(self, names: Sequence[str]) -> None:
        await all_or_first_failure(self._platform.deployments[name].restart() for name in names)
        await self._platform.is_calm()

    async def _restart_engine(self, name: str) -> None:
        await self._platform.stateful_sets[name].restart()

    async def _kill(self, names: Sequence[str]) -> None:
        await self._lose([self._platform.deployments[name].pods[0] for name in names])

    async def _kill_engine(self, name: str) -> None:
        await self._lose([self._platform.stateful_sets[name].pods[0]])

    async def _lose(self, pods: Sequence[Pod]) -> None:
        before = {pod: pod.restarts for pod in pods}
        for pod in pods:
            pod.kill()
        await self._platform.cluster.until(
            lambda: all(pod.restarts > before[pod] and pod.ready for pod in pods), "they are back", _PATIENCE_SECONDS
        )
        await self._platform.knows_its_services()

    async def _scale(self, name: str) -> None:
        """The gateway finds the new pod by itself, and forgets it."""
        deployment = self._platform.deployments[name]
        before = deployment.replicas
        await deployment.scale(before + 1)
        newest = deployment.pods[-1]
        await self._platform.knows_its_services()
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while await requests(newest) == 0:
                await asyncio.sleep(0.1)
        await deployment.scale(before)
        await self._platform.is_calm()
        await self._platform.knows_its_services()
