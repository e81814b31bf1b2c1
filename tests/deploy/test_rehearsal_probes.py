"""Probes as the kubelet performs them: how many in a row it takes, and what no answer means."""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

from deploy.manifests import Manifest
from deploy.rehearsal.probes import verdicts


def answering(answers: Iterable[bool | Exception]) -> Callable[[Manifest], Awaitable[bool]]:
    rest = iter(answers)

    async def look(_: Manifest) -> bool:
        answer = next(rest)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return look


class Over(Exception):
    """No more answers."""


async def told(probe: Manifest, *answers: bool | Exception) -> list[bool]:
    changes = verdicts(probe | {"periodSeconds": 0}, answering([*answers, Over()]))
    found = []
    with suppress(Over):
        async for verdict in changes:
            found.append(verdict)
    return found


async def test_one_success_is_enough_and_three_failures_in_a_row_are_one() -> None:
    assert await told({}, True, False, False, True, False, False, False, False, True) == [True, False, True]


async def test_thresholds_are_those_declared() -> None:
    probe = {"failureThreshold": 1, "successThreshold": 2}
    assert await told(probe, False, True, False, True, True, True, False) == [False, True, False]


async def test_nobody_there_is_a_failure() -> None:
    assert await told({"failureThreshold": 2}, ConnectionRefusedError(), TimeoutError()) == [False]
