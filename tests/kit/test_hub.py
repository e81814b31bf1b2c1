"""The hub: bounded queues, and an end that comes before what is queued."""

import pytest
from apricot.errors.v1.reason_pb2 import Reason

from kit.bus import Event
from kit.errors import ApricotError
from kit.hub import Hub


def event(sequence: int, key: str = "a", size: int = 1, noun: str = "entry") -> Event:
    return Event(sequence, f"e{sequence}", noun, "logged", key, bytes(size), 0)


async def test_a_subscription_gets_its_keys_in_order() -> None:
    hub = Hub(["entry"])
    both, one = hub.subscribe(["a", "b"]), hub.subscribe(["b"])
    for sequence, key in enumerate("abcab"):
        hub.dispatch(event(sequence, key))
    hub.dispatch(event(9, "a", noun="access"))
    assert [(await _next(both)).sequence for _ in range(4)] == [0, 1, 3, 4]
    assert [(await _next(one)).sequence for _ in range(2)] == [1, 4]
    assert both.idle
    both.nudge()
    assert await both.next() is None


@pytest.mark.parametrize(("events", "size"), [(11, 1), (3, 4 << 20)])
async def test_who_lags_too_far_behind_is_cut_off_and_the_others_go_on(events: int, size: int) -> None:
    hub = Hub(["entry"], queue_limit=10)
    slow, quick = hub.subscribe(["a"]), hub.subscribe(["a"])
    for sequence in range(events):
        hub.dispatch(event(sequence, size=size))
        assert (await _next(quick)).sequence == sequence
    with pytest.raises(ApricotError) as caught:
        await slow.next()
    assert caught.value.reason == Reason.REASON_WATCHER_TOO_SLOW


async def test_one_large_event_is_no_lag() -> None:
    hub = Hub(["entry"])
    subscription = hub.subscribe(["a"])
    for sequence in range(3):
        hub.dispatch(event(sequence, size=9 << 20))
        assert (await _next(subscription)).sequence == sequence


async def test_the_first_end_counts_and_comes_at_once() -> None:
    hub = Hub(["entry"])
    subscription = hub.subscribe(["a"])
    hub.dispatch(event(1))
    for reason in Reason.REASON_GRANT_ENDED, Reason.REASON_UNAVAILABLE:
        subscription.end(ApricotError(reason, ""))
    hub.dispatch(event(2))
    with pytest.raises(ApricotError) as caught:
        await subscription.next()
    assert caught.value.reason == Reason.REASON_GRANT_ENDED
    hub.unsubscribe(subscription)
    hub.dispatch(event(3))


async def _next(subscription: object) -> Event:
    found = await subscription.next()  # type: ignore[attr-defined]
    assert isinstance(found, Event)
    return found
