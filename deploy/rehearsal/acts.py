"""What is done to the platform while it is under load."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

from deploy.rehearsal.load import Figures, Load
from deploy.rehearsal.metrics import requests
from deploy.rehearsal.platform import Rehearsed
from deploy.rehearsal.pod import Pod

_PATIENCE_SECONDS = 60.0
_SCALED_OUT = "glucose", "identity"


class Acts:
    """One after the other, each with its figures."""

    def __init__(self, platform: Rehearsed, load: Load, listen: Callable[[Figures], None]) -> None:
        self._platform, self._load, self._listen = platform, load, listen

    async def all(self) -> list[Figures]:
        found = []
        for name, act in self._script():
            figures = await self._load.act(name, act())
            self._listen(figures)
            found.append(figures)
        found.append(await self._load.diaries())
        self._listen(found[-1])
        return found

    def _script(self) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
        platform = self._platform
        yield "nothing", lambda: asyncio.sleep(10)
        for name in platform.deployments:
            yield f"rolling restart of {name}", lambda name=name: self._restart(name)  # type: ignore[misc]
        for name in platform.stateful_sets:
            yield f"rolling restart of {name}", lambda name=name: self._restart_engine(name)  # type: ignore[misc]
        for name in platform.deployments:
            yield f"kill -9 of one {name}", lambda name=name: self._kill(name)  # type: ignore[misc]
        for name in platform.stateful_sets:
            yield f"kill -9 of one {name}", lambda name=name: self._kill_engine(name)  # type: ignore[misc]
        for name in _SCALED_OUT:
            yield f"one more {name}, and one less", lambda name=name: self._scale(name)  # type: ignore[misc]

    async def _restart(self, name: str) -> None:
        await self._platform.deployments[name].restart()
        await self._platform.is_calm()

    async def _restart_engine(self, name: str) -> None:
        await self._platform.stateful_sets[name].restart()

    async def _kill(self, name: str) -> None:
        await self._lose(self._platform.deployments[name].pods[0])

    async def _kill_engine(self, name: str) -> None:
        await self._lose(self._platform.stateful_sets[name].pods[0])

    async def _lose(self, pod: Pod) -> None:
        before = pod.restarts
        pod.kill()
        cluster = self._platform.cluster
        await cluster.until(lambda: pod.restarts > before and pod.ready, f"{pod.name} is back", _PATIENCE_SECONDS)
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
