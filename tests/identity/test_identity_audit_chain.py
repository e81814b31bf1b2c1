"""The audit chain by its rules alone: whatever is done to it shows."""

from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.identity.domain import audit, verifying
from services.identity.domain.audit import Event, Head, Link
from services.identity.domain.verifying import Break, Fault

KEY = b"k" * 32
IDS = st.uuids() | st.none()
EVENTS = st.builds(
    Event,
    time=st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    actor_id=st.uuids(),
    action=st.text(max_size=40),
    patient_id=IDS,
    object_id=IDS,
)
CHAINS = st.lists(EVENTS, min_size=1, max_size=8)


def chain(events: list[Event]) -> list[Link]:
    links, head = list[Link](), Head()
    for event in events:
        links.append(audit.link(head, event))
        head = Head(links[-1].sequence, links[-1].hash)
    return links


def broken(links: list[Link], end: Head) -> Break | None:
    reached, holds = verifying.follow(Head(), links)
    if not holds:
        return Break(reached.sequence + 1, verifying.fault(reached, links[reached.sequence :]))
    return verifying.broken_end(KEY, reached, end, audit.seal(KEY, end))


def end_of(links: list[Link]) -> Head:
    return Head(links[-1].sequence, links[-1].hash)


@given(CHAINS)
def test_an_untouched_chain_holds_in_whatever_batches_it_is_read(events: list[Event]) -> None:
    links = chain(events)
    assert broken(links, end_of(links)) is None
    head = Head()
    for one in links:
        head, holds = verifying.follow(head, [one])
        assert holds
    assert head == end_of(links)


@given(CHAINS, st.data(), EVENTS)
def test_a_changed_event_is_found_where_it_is(events: list[Event], data: st.DataObject, forged: Event) -> None:
    links = chain(events)
    place = data.draw(st.integers(0, len(links) - 1))
    field = data.draw(st.sampled_from(["time", "actor_id", "action", "patient_id", "object_id"]))
    changed = replace(links[place].event, **{field: getattr(forged, field)})
    assume(changed != links[place].event)
    end = end_of(links)
    links[place] = replace(links[place], event=changed)
    assert broken(links, end) == Break(place + 1, Fault.ALTERED)


@given(CHAINS, st.data(), EVENTS)
def test_a_forged_event_with_the_right_hash_is_found_by_the_next_or_the_end(
    events: list[Event], data: st.DataObject, forged: Event
) -> None:
    links = chain(events)
    place = data.draw(st.integers(0, len(links) - 1))
    assume(forged != links[place].event)
    end, before = end_of(links), end_of(links[:place]) if place else Head()
    links[place] = audit.link(before, forged)
    assert broken(links, end) == Break(min(place + 2, len(links)), Fault.ALTERED)


@given(CHAINS, st.data())
def test_a_deleted_event_is_found_the_last_one_too(events: list[Event], data: st.DataObject) -> None:
    links = chain(events)
    end, place = end_of(links), data.draw(st.integers(0, len(links) - 1))
    del links[place]
    assert broken(links, end) == Break(place + 1, Fault.MISSING)


@given(CHAINS, st.data())
def test_two_events_that_changed_places_are_found(events: list[Event], data: st.DataObject) -> None:
    links = chain(events)
    assume(len(links) > 1)
    place, other_place = sorted(data.draw(st.sets(st.integers(0, len(links) - 1), min_size=2, max_size=2)))
    one, other = links[place], links[other_place]
    assume(one.event != other.event)
    end = end_of(links)
    links[place], links[other_place] = replace(other, sequence=one.sequence), replace(one, sequence=other.sequence)
    assert broken(links, end) == Break(place + 1, Fault.REORDERED)


@given(CHAINS, st.data(), EVENTS)
def test_an_event_put_between_is_found(events: list[Event], data: st.DataObject, forged: Event) -> None:
    links = chain(events)
    end, place = end_of(links), data.draw(st.integers(0, len(links) - 1))
    assume(forged != links[place].event)
    later = [replace(link, sequence=link.sequence + 1) for link in links[place:]]
    links[place:] = [Link(place + 1, forged, bytes(32)), *later]
    assert broken(links, end) == Break(place + 1, Fault.INSERTED)


@given(CHAINS, EVENTS)
def test_an_event_put_behind_the_end_is_found(events: list[Event], forged: Event) -> None:
    links = chain(events)
    end = end_of(links)
    assert broken([*links, audit.link(end, forged)], end) == Break(len(links) + 1, Fault.INSERTED)


def test_a_chain_written_anew_lacks_the_seal() -> None:
    links = chain([Event(datetime(2026, 1, 1, tzinfo=UTC), UUID(int=1), "action")])
    end = end_of(links)
    assert verifying.broken_end(KEY, end, end, audit.seal(b"another key", end)) == Break(2, Fault.UNSEALED)
    assert verifying.broken_end(KEY, end, end, audit.seal(KEY, end)) is None


@given(CHAINS, st.text(max_size=120) | st.binary(max_size=90).map(lambda raw: urlsafe_b64encode(raw).decode()))
def test_a_checkpoint_is_believed_only_when_it_is_ours(events: list[Event], forged: str) -> None:
    end = end_of(chain(events))
    assert verifying.open_checkpoint(KEY, verifying.checkpoint(KEY, end)) == end
    for other in forged or "x", verifying.checkpoint(b"another key", end):
        with pytest.raises(verifying.CheckpointInvalid):
            verifying.open_checkpoint(KEY, other)


def test_the_hash_does_not_depend_on_the_zone_that_an_instant_is_written_in() -> None:
    time = datetime(2026, 1, 1, tzinfo=UTC)
    event = Event(time, UUID(int=1), "action")
    elsewhere = replace(event, time=time.astimezone(ZoneInfo("Asia/Shanghai")))
    assert audit.link(Head(), event).hash == audit.link(Head(), elsewhere).hash
