"""A thing of somebody else is as good as none: whoever names another's consultation, order, prescription, photo … gets
to the letter what they get for one that there never was."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from google.protobuf.message import Message

from kit import contract
from kit.contract import Method
from stack.platform import Platform
from tests.e2e.conftest import Doors
from tests.e2e.market import Market
from tests.e2e.minimal import minimal_request
from tests.e2e.signer import Signer
from tests.e2e.wire import Outcome
from tests.fuzz.campaign import ROLES
from tests.fuzz.victim import Victim, seed_victim
from tests.people import People, Person

PRIVATE = (
    *("consultation_id", "attachment_id", "message_id", "prescription_id", "order_id", "payment_id", "quote_id"),
    *("entry_id", "photo_id", "alert_id", "plan_id", "grant_id", "session_id", "device_id", "appointment_id"),
)
"""Ids of what is one patient's; doctors, pharmacies and products are everybody's."""
METHODS = [
    method
    for method in contract.methods().values()
    if not method.descriptor.client_streaming and set(method.descriptor.input_type.fields_by_name) & set(PRIVATE)
]
STRANGERS = ("patient", "clinician", "pharmacist", "courier", "admin")


@pytest.fixture(scope="module")
async def victim(platform: Platform, people: People, ways_in: Doors) -> Victim:
    return await seed_victim(people, await Market.open(platform, people, (11.0, 100.0)), ways_in)


@pytest.fixture(scope="module")
async def stranger(people: People) -> Person:
    return await people.patient()


def test_the_victim_has_something_to_lose(victim: Victim) -> None:
    """Else the test below would prove nothing."""
    for name in ("consultation_id", "attachment_id", "prescription_id", "order_id", "entry_id", "grant_id"):
        assert victim.called(name), name
    assert len(METHODS) > 50


@pytest.mark.parametrize("door", ["gateway", "direct"])
@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.action)
async def test_a_thing_of_somebody_else_is_as_good_as_none(
    method: Method, door: str, victim: Victim, stranger: Person, ways_in: Doors, forger: Signer
) -> None:
    for role in STRANGERS:
        if is_its_function(method, role):
            continue
        token = forger.token(stranger.account_id, *ROLES[role])
        for real, made_up in pairs(method, victim, stranger.account_id):
            answers = [await ways_in.call(door, method.path, one.SerializeToString(), token) for one in (real, made_up)]
            assert not answers[0].ok, (role, real)
            assert told(answers[0], real) == told(answers[1], made_up), role


def is_its_function(method: Method, role: str) -> bool:
    """What an admin alone may ask is about everybody's things."""
    return method.rule is not None and role == "admin" and "admin" in map(contract.role_name, method.rule.roles.any_of)


def pairs(method: Method, victim: Victim, patient_id: str) -> Iterator[tuple[Message, Message]]:
    """The same request about a thing of the victim's, and about one that there never was."""
    for name in PRIVATE:
        if name not in method.descriptor.input_type.fields_by_name:
            continue
        for real_id in victim.called(name)[:3]:
            real = minimal_request(method, patient_id)
            made_up = type(real).FromString(real.SerializeToString())
            setattr(real, name, real_id)
            setattr(made_up, name, str(uuid4()))
            yield real, made_up


def told(outcome: Outcome, request: Message) -> tuple[object, ...]:
    """All that a caller learns, but for the ids that it named itself."""
    named = [str(value) for field, value in request.ListFields() if isinstance(value, str) and field.name in PRIVATE]
    message, metadata = outcome.message, str(sorted(outcome.metadata.items()))
    for one in named:
        message, metadata = message.replace(one, "ID"), metadata.replace(one, "ID")
    return outcome.code, outcome.reason, message, metadata, sorted(outcome.violations.items()), outcome.answer
