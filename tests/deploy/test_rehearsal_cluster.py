"""A small cluster's life, with a container of the tests' own; needs namespaces of Linux, as the rehearsal does."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.rehearsal.space import NotPermitted, run_inside

pytestmark = pytest.mark.programs


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("scene")
    try:
        run = run_inside("tests.deploy.scene", [str(folder)])
    except NotPermitted as error:
        pytest.skip(f"no namespaces here: {error}")
    assert run.returncode == 0, run.stderr
    return dict(json.loads(run.stdout))


def test_a_container_finds_what_is_declared(told: dict[str, Any]) -> None:
    assert told["answers"] == [
        {"me": name, "word": "plum", "root_is_read_only": True, "prepared": True} for name in told["names"]
    ]


def test_services_lead_to_ready_pods(told: dict[str, Any]) -> None:
    assert told["in DNS"]
    assert told["by the balancer"] == sorted(told["names"])


def test_a_rollout_keeps_to_its_strategy(told: dict[str, Any]) -> None:
    assert told["all new"]
    assert (told["most pods"], told["fewest ready"]) == (3, 2)


def test_pods_that_come_and_go_take_no_way_from_the_others(told: dict[str, Any]) -> None:
    assert told["one host"]


def test_what_dies_is_started_again_where_it_was(told: dict[str, Any]) -> None:
    assert told["after kill -9"] == {"in DNS while gone": False, "restarts": 1, "same address": True}


def test_scaling_goes_both_ways(told: dict[str, Any]) -> None:
    assert (told["scaled out"], told["scaled in"], told["pods left"]) == (3, 1, 0)


def test_who_does_not_end_within_its_grace_is_killed(told: dict[str, Any]) -> None:
    assert told["killed in the end"]
