"""The model of scale: linear where it should be, rising where it should rise, and in the right units."""

from dataclasses import asdict
from math import inf, isclose
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.scale import machine
from benchmarks.scale.costs import Costs, Point, Unit, by_part, read
from benchmarks.scale.demand import ASSUMPTIONS, demand
from benchmarks.scale.plan import STREAM_BYTES, TARGET, cell_users, limits, plan, stream_users
from benchmarks.scale.queueing import erlang_c, wait
from kit import bus

KINDS = tuple(demand(1).rates)
users = st.floats(min_value=1e3, max_value=1e9)
shares = st.floats(min_value=0.05, max_value=0.9)

ROOT = Path(__file__).parents[2]


def unit(microseconds: float) -> Unit:
    """Half in glucose's two replicas, a quarter each in PostgreSQL and the worker."""
    cores = 100 * microseconds / 1e6
    used = {"glucose-1": cores / 4, "glucose-2": cores / 4, "postgres": cores / 4, "glucose-worker": cores / 4}
    return Unit([Point(100, used)], milliseconds=[2.0, 3.0, 4.0], client_bytes=1000, wal_bytes=2000)


COSTS = Costs(
    machine_cores=2,
    idle={"glucose-1": 0.01, "postgres": 0.02},
    units={kind: unit(10 if kind == "event" else 1000) for kind in KINDS},
    watch_cores={"glucose-1": 1e-5},
    watch_memory={"glucose-1": 50_000, "gateway": 30_000},
    entry_bytes=600,
    frozen_entry_bytes=60,
    relay_events_per_second=10_000,
    feed_seconds=50e-6,
    jetstream_event_bytes=500,
)


@given(users)
def test_twice_the_users_ask_for_twice_as_much(number: float) -> None:
    once, twice = demand(number), demand(2 * number)
    assert all(isclose(twice.rates[kind], 2 * rate) for kind, rate in once.rates.items())
    assert isclose(twice.watches, 2 * once.watches)
    assert isclose(twice.entries_a_day, 2 * once.entries_a_day)


@given(users)
def test_cores_bytes_and_bits_are_linear_in_users(number: float) -> None:
    once, twice = plan(number, COSTS), plan(2 * number, COSTS)
    for part, cores in once.cores.items():
        assert isclose(twice.cores[part], 2 * cores)
    assert isclose(twice.client_bits, 2 * once.client_bits)
    assert isclose(twice.storage.cold, 2 * once.storage.cold)
    assert once.storage.hot == pytest.approx(730 * once.storage.a_day)


@given(users, users)
def test_more_users_never_need_less(one: float, other: float) -> None:
    fewer, more = plan(min(one, other), COSTS), plan(max(one, other), COSTS)
    assert fewer.cells <= more.cells
    assert fewer.memory <= more.memory
    assert all(fewer.cores[part] <= more.cores[part] for part in fewer.cores)


@given(users)
def test_pods_can_do_the_work(number: float) -> None:
    found = plan(number, COSTS)
    for part, pods in found.pods.items():
        assert pods >= 2 * found.cells
        if part != "glucose":
            assert pods * TARGET >= found.cores[part] - 1e-9


def test_no_cell_is_larger_than_its_tightest_part() -> None:
    least = min(limits(COSTS).values())
    assert least / 2 < cell_users(COSTS) <= least
    assert plan(cell_users(COSTS), COSTS).cells == 1
    assert plan(cell_users(COSTS) * 1.01, COSTS).cells == 2


def test_a_primary_at_its_limit_uses_its_share_of_cores() -> None:
    at = limits(COSTS)["primary's cores"]
    assert plan(at, COSTS).cores["postgres"] == pytest.approx(TARGET * 32)


def test_a_stream_keeps_what_production_says() -> None:
    production = (ROOT / "deploy/k8s/overlays/production/kustomization.yaml").read_text()
    assert f"APRICOT_NATS_STREAM_BYTES={STREAM_BYTES} " in production
    a_day = demand(stream_users(COSTS)).entries_a_day * COSTS.jetstream_event_bytes
    assert a_day == pytest.approx(STREAM_BYTES * 86_400 / bus.RETENTION_SECONDS)


def test_costs_go_straight_from_point_to_point_and_on() -> None:
    measured = Unit([Point(10, {"x": 0.1}), Point(100, {"x": 0.4})])
    assert [measured.cores(rate)["x"] for rate in (0, 5, 10, 55, 100, 190)] == pytest.approx(
        [0, 0.05, 0.1, 0.25, 0.4, 0.7]
    )


def test_replicas_are_one_part_and_the_bench_is_none() -> None:
    assert by_part({"glucose-1": 1, "glucose-2": 2, "glucose-worker": 4, "crowd": 8, "bench": 16}) == {
        "glucose": 3,
        "glucose-worker": 4,
    }


@given(st.integers(1, 64), shares)
def test_who_waits_is_a_probability_that_rises_with_the_load(servers: int, share: float) -> None:
    assert 0 <= erlang_c(servers, share * servers) <= erlang_c(servers, (share + 0.05) * servers) <= 1


def test_known_figures_of_erlang() -> None:
    assert erlang_c(1, 0.7) == pytest.approx(0.7)
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)
    assert erlang_c(2, 2.0) == 1


@given(st.floats(0.01, 0.95), st.floats(0.1, 100))
def test_one_server_waits_as_in_an_m_m_1(load: float, service: float) -> None:
    found = wait(1, [(load / service, service)])
    assert found.probability * found.mean == pytest.approx(load * service / (1 - load))


@given(shares, shares)
def test_fuller_machines_are_slower(one: float, other: float) -> None:
    alone = [2.0, 3.0, 4.0]
    slow, fast = wait(2, [(2 * max(one, other), 1.0)]), wait(2, [(2 * min(one, other), 1.0)])
    assert slow.quantile(0.99, alone) >= fast.quantile(0.99, alone) - 1e-6
    assert fast.quantile(0.5, alone) >= 2.0


def test_a_full_machine_never_answers() -> None:
    assert wait(2, [(3, 1.0)]).quantile(0.5, [1.0]) == inf


@given(st.floats(0.1, 1.0))
def test_the_machine_is_as_full_as_asked(share: float) -> None:
    load = machine.mix(machine.full_at(COSTS, 100, 100, share), 100, 100)
    assert sum(machine.cores(load, COSTS).values()) == pytest.approx(2 * share, rel=1e-6)


def test_one_thread_that_is_busy_makes_the_machine_full() -> None:
    """On 64 cores glucose's replicas, a quarter of the work each, leave 60 of them idle."""
    large = Costs(**{**vars(COSTS), "machine_cores": 64})
    used = machine.cores(machine.mix(machine.full_at(large, 100, 100), 100, 100), large)
    assert used["glucose-1"] == pytest.approx(1.0, rel=1e-6)
    assert sum(used.values()) < 5


def test_what_yields_does_not_delay_calls() -> None:
    load = machine.mix(machine.full_at(COSTS, 100, 100, 0.95), 100, 100)
    heavier = dict(COSTS.units)
    used = heavier["reading"].points[0].cores
    heavier["reading"] = Unit([Point(100, {**used, "glucose-worker": 10 * used["glucose-worker"]})], [2.0])
    burdened = Costs(**{**vars(COSTS), "units": heavier})
    assert 0 < machine.waiting(load, COSTS).mean < inf
    assert machine.waiting(load, burdened).mean == pytest.approx(machine.waiting(load, COSTS).mean)


def test_calls_take_what_they_took_alone_and_what_they_wait() -> None:
    load = machine.mix(machine.full_at(COSTS, 0, 1, 0.6), 0, 1)
    found = machine.waiting(load, COSTS)
    busy = sum(used for name, used in machine.cores(load, COSTS).items() if name != "glucose-worker")
    assert found.probability == pytest.approx(erlang_c(2, busy))
    assert found.mean == pytest.approx(1000 * busy / load.calls / (2 - busy), rel=0.01)
    assert 4.0 < machine.quantile("reading", 0.99, load, COSTS) < 4.0 + 5 * found.mean


def test_costs_come_back_from_what_is_kept() -> None:
    lines = {
        "capacity": {"notes": {"costs": asdict(COSTS)}},
        "book": {"notes": {"microseconds of processor a booking": {"consult-1": 300.0, "consult-2": 200.0}}},
        "catalog, 8 clients": {"notes": {"microseconds of processor a call": {"pharmacy-1": 500.0}}},
    }
    found = read(lines)
    assert found.units["reading"] == COSTS.units["reading"]
    assert found.units["booking"].seconds == pytest.approx({"consult": 500e-6})


def test_every_assumption_says_why() -> None:
    assert len({each.what for each in ASSUMPTIONS}) == len(ASSUMPTIONS) >= 15
    assert all(each.value > 0 and each.why for each in ASSUMPTIONS)
