"""Whatever is sent to whatever method, by whomever, at the gateway and past it: an answer, or a refusal with its
reason, and never a word of another patient's; no process dies of it or grows. `make fuzz` looks for minutes."""

import base64
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import grpc
import pytest
from apricot.pharmacy.v1.order_pb2 import GetOrderRequest

from stack.platform import Platform
from tests.e2e.wire import Outcome
from tests.fuzz.arena import arena, prepared
from tests.fuzz.campaign import METHODS, Campaign, Finding
from tests.fuzz.garbage import throw_garbage
from tests.fuzz.health import MIB, grown_bytes, health, restarted

SECONDS = float(os.environ.get("FUZZ_SECONDS", "5"))
SEED = int(os.environ.get("FUZZ_SEED", "20261126"))
FOLDER = Path(os.environ.get("FUZZ_FOLDER", ".fuzz"))
MOST_GROWTH_MIB = 200
"""Of one process: caches and pools that fill at first."""
FEWEST_INPUTS = 4 * len(METHODS)


@pytest.fixture(scope="module")
async def attacked() -> AsyncIterator[Platform]:
    async with arena() as platform:
        yield platform


@pytest.fixture(scope="module")
async def campaign(attacked: Platform) -> AsyncIterator[Campaign]:
    async with prepared(attacked, SEED) as campaign:
        yield campaign


@pytest.mark.timeout(SECONDS + 1200)
async def test_hostile_input_is_answered_and_tells_nothing(attacked: Platform, campaign: Campaign) -> None:
    before = health(attacked)
    tally = await campaign.run(SECONDS)
    kept = [str(finding.keep(FOLDER)) for finding in tally.findings]
    assert not kept, sorted({f"{one.path} {one.way} {one.caller}: {one.what}" for one in tally.findings})
    assert len(tally.methods) == len(METHODS)
    assert tally.tried.total() >= FEWEST_INPUTS
    assert tally.codes["OK"]  # else nothing was let in
    _is_well(attacked, before)


async def test_what_is_no_http_at_all_ends_its_connection_alone(attacked: Platform, campaign: Campaign) -> None:
    before = health(attacked)
    await throw_garbage(attacked, campaign.seed, count=200)
    tally = await campaign.run(0)
    assert not tally.findings
    _is_well(attacked, before)


def _is_well(platform: Platform, before: dict[str, tuple[int | None, int]]) -> None:
    after = health(platform)
    assert not restarted(before, after)
    assert max(grown_bytes(before, after).values()) < MOST_GROWTH_MIB * MIB


def outcome_faults(campaign: Campaign, outcome: Outcome, caller: str = "patient", way: str = "gateway") -> str:
    return campaign._fault(way, METHODS[0], caller, outcome)


async def test_the_judge_finds_what_it_is_there_for(campaign: Campaign) -> None:
    """Else a campaign without findings would mean nothing."""
    canary = b"..." + campaign.victim.canary + b"..."
    assert outcome_faults(campaign, Outcome(answer=canary))
    assert outcome_faults(campaign, Outcome(code=grpc.StatusCode.NOT_FOUND, reason="NOT_FOUND", details=canary))
    assert not outcome_faults(campaign, Outcome(answer=canary), caller="service")
    for code in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.DEADLINE_EXCEEDED):
        assert outcome_faults(campaign, Outcome(code=code, reason="INTERNAL"))
    assert outcome_faults(campaign, Outcome(code=grpc.StatusCode.NOT_FOUND))  # without a reason
    assert not outcome_faults(campaign, Outcome())


async def test_a_finding_is_kept_and_sent_again_to_another_platform(campaign: Campaign, tmp_path: Path) -> None:
    """Its ids are those of the platform that it is sent to."""
    request = GetOrderRequest(order_id=campaign.ids[1]).SerializeToString()
    path = "/apricot.pharmacy.v1.OrderService/GetOrder"
    finding = Finding("x", "gateway", path, "patient", 1, campaign.ids, base64.b64encode(request).decode())
    again = Finding(**json.loads(finding.keep(tmp_path).read_text()))
    assert again.bytes_for(campaign.ids) == request
    others = [str(uuid4()) for _ in campaign.ids]
    assert GetOrderRequest.FromString(again.bytes_for(others)).order_id == others[1]
    before = campaign.tally.tried.total()
    await campaign.replay(again)
    assert campaign.tally.tried.total() == before + 1
