"""Whatever is sent to whatever method, through the gateway or past it: an answer, or an error with its reason; never a
fault of ours, and the servers live on. `APRICOT_EXAMPLES=2000` looks longer, and elsewhere at each run."""

import os

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import contract
from kit.contract import Method
from stack.platform import Platform
from tests.e2e.hostile import requests
from tests.e2e.signer import Signer
from tests.e2e.wire import Outcome, call_now
from tests.people import People

EXAMPLES = int(os.environ.get("APRICOT_EXAMPLES", "0"))
bounded = settings(
    max_examples=EXAMPLES or 20,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

METHODS = list(contract.methods().values())
EVERY_WAY_IN = [("gateway", method) for method in METHODS] + [(method.path.split(".")[1], method) for method in METHODS]
OUR_FAULT = {
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
}


@pytest.fixture(scope="module")
async def account_id(people: People) -> str:
    """The one who sends it all."""
    return (await people.patient()).account_id


@pytest.fixture(scope="module")
def token(account_id: str, signer: Signer) -> str:
    """Everything is allowed to them."""
    return signer.token(account_id, "patient", "clinician", "pharmacist", "courier", "admin", "service")


@pytest.mark.parametrize(
    ("grpc_addr", "method"),
    EVERY_WAY_IN,
    ids=lambda it: it if isinstance(it, str) else it.action,
    indirect=["grpc_addr"],
)
def test_any_request_is_answered(method: Method, grpc_channel: grpc.Channel, account_id: str, token: str) -> None:
    @bounded
    @given(st.data())
    def send(data: st.DataObject) -> None:
        request = data.draw(requests(method, account_id))
        assert_typed(call_now(grpc_channel, method, request, token))

    send()


async def test_everybody_lives(platform: Platform, pids: dict[str, int | None]) -> None:
    """Last in this file: no process died of it."""
    assert pids_of(platform) == pids


def assert_typed(outcome: Outcome) -> None:
    assert outcome.code not in OUR_FAULT, outcome
    assert outcome.ok or outcome.reason, outcome


@pytest.fixture(scope="module", autouse=True)
def pids(platform: Platform) -> dict[str, int | None]:
    """Who runs as it all begins."""
    return pids_of(platform)


def pids_of(platform: Platform) -> dict[str, int | None]:
    return {program.name: platform.part(program.name).pid for program in platform.plan.programs}
