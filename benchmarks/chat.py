"""`chat`: p99 from sending a message to its arrival at the other side, durable, with 500 open conversations (1,000
streams) at a fixed total rate ÷ that of a bare relay of the same frames, through the same gateway at the same load."""

from collections.abc import Sequence
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from apricot.consult.v1.consultation_pb2 import CONSULTATION_STATE_ACTIVE, MEMBER_ROLE_DOCTOR, MEMBER_ROLE_PATIENT
from apricot.consult.v1.conversation_pb2 import ConverseRequest, Join

from benchmarks import bare
from benchmarks.child import child
from benchmarks.harness import Bench, bench
from benchmarks.options import Options, say
from benchmarks.people import Person
from benchmarks.requests import CONVERSE
from benchmarks.results import STRANGERS, Goal, Line, Repeat, percentile, ratio_of
from kit.schema import service_url

PATIENTS, DOCTORS, CHANNELS, RATE, SECONDS = 20, 25, 20, 100.0, 20.0
"""Each patient talks to each doctor."""

type End = tuple[str, str]
"""The first frame, hexadecimal, and the token."""


async def run(options: Options) -> list[Line]:
    """Measure it."""
    return [
        await _line(options, "chat", 1, Goal("most", 2)),
        await _line(options, "chat, two replicas", 2, None),
    ]


async def _line(options: Options, name: str, replicas: int, goal: Goal | None) -> Line:
    repeats: list[Repeat] = []
    notes: dict[str, Any] = {}
    async with bench(consult_replicas=replicas) as running:
        for _ in range(options.repeats):
            people = await running.patients(PATIENTS + DOCTORS)
            couples = list(product(people[:PATIENTS], people[PATIENTS:]))
            pairs = await consultations(running, couples)
            found = {
                "ours": await _measure(running, CONVERSE, pairs, options),
                "bare": await _measure(running, bare.RELAY, [_named(pair) for pair in pairs], options),
            }
            repeat = {STRANGERS: max(used[STRANGERS] for _, used in found.values())}
            for side, (times, _) in found.items():
                repeat |= {f"{side} p{percent} ms": percentile(times, percent) * 1000 for percent in (99, 50)}
            repeats.append(repeat)
            notes = {"microseconds of processor a message": {side: used["cpu"] for side, (_, used) in found.items()}}
            say(f"{name} {repeat}; {notes}")
    ratio = ratio_of(repeats, "ours p99 ms", "bare p99 ms")
    what = "send to receipt at the other side, 500 conversations, 100/s ÷ bare relay, same gateway, p99"
    return Line(name, what, ratio, "", goal, repeats, notes)


async def consultations(running: Bench, couples: Sequence[tuple[Person, Person]]) -> list[tuple[End, End]]:
    """A consultation under way for each couple, and how each of them joins it."""
    ids = [uuid4() for _ in couples]
    connection = await asyncpg.connect(service_url(running.platform.database_url, "consult"))
    try:
        await connection.execute(
            "insert into consultation (consultation_id, patient_id, patient_name, doctor_id, department_code, mode, "
            "state, pool, escalation_level, complaint, fee_minor, currency, fee_state, shared_scopes, last_sequence, "
            "create_time, update_time) "
            "select id, patient, 'Bench', doctor, '03.05', 1, $4, false, 0, '', 0, 'CNY', 0, '{}', 0, now(), now() "
            "from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as made (id, patient, doctor)",
            ids,
            [UUID(patient.id) for patient, _ in couples],
            [UUID(doctor.id) for _, doctor in couples],
            CONSULTATION_STATE_ACTIVE,
        )
        for role, place in (MEMBER_ROLE_PATIENT, 0), (MEMBER_ROLE_DOCTOR, 1):
            await connection.execute(
                "insert into member (consultation_id, account_id, patient_id, role, display_name, join_time, "
                "delivered_sequence, read_sequence) "
                "select *, $4::int, 'Bench', now(), 0, 0 from unnest($1::uuid[], $2::uuid[], $3::uuid[])",
                ids,
                [UUID(couple[place].id) for couple in couples],
                [UUID(patient.id) for patient, _ in couples],
                role,
            )
    finally:
        await connection.close()
    return [(_end(one, patient), _end(one, doctor)) for one, (patient, doctor) in zip(ids, couples, strict=True)]


def _end(consultation: UUID, person: Person) -> End:
    join = ConverseRequest(join=Join(consultation_id=str(consultation), device_id=str(uuid4())))
    return join.SerializeToString().hex(), person.token


def _named(pair: tuple[End, End]) -> tuple[End, End]:
    """The same people's ends of a bare pair."""
    name = uuid4().hex
    (_, one), (_, other) = pair
    return (name, one), (name, other)


async def _measure(
    running: Bench, path: str, pairs: Sequence[tuple[End, End]], options: Options
) -> tuple[list[float], dict[str, Any]]:
    """How long each message took; every one arrived, once."""
    job = {
        "address": running.address,
        "path": path,
        "pairs": pairs,
        "channels": CHANNELS,
        "rate": RATE,
        "seconds": options.seconds(SECONDS),
    }
    async with child("benchmarks.talkers", job) as talkers:
        await talkers.read()
        meter = running.meter(talkers=talkers.pid)
        found = await talkers.read()
        reading = meter.read()
    times: list[float] = found["times"]
    assert len(times) == found["sent"], f"{found['sent']} were sent and {len(times)} arrived"
    return times, {STRANGERS: reading.strangers, "cpu": reading.per(len(times))}
