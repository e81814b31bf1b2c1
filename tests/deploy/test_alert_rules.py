"""Each alert fires when it should, keeps quiet when it should, and has its page."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.dashboards.rules import rules
from tests.deploy.rules import ROOT, alerts, program

RUNBOOKS = ROOT / "docs" / "runbooks"
CASES: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "alert_cases.yaml").read_text())
SECTIONS = ("What it means", "How to look", "What to do", "How one knows that it is over")


def _tests_of(alert: str, case: dict[str, Any]) -> list[dict[str, Any]]:
    firing = f'count(ALERTS{{alertname="{alert}",alertstate="firing"}})'
    return [
        {
            "interval": "1m",
            "input_series": [{"series": name, "values": str(values)} for name, values in case[kind].items()],
            "promql_expr_test": [{"expr": firing, "eval_time": case["at"], "exp_samples": expected}],
        }
        for kind, expected in (("fires", [{"labels": "{}", "value": 1}]), ("quiet", []))
    ]


def test_each_alert_has_a_case() -> None:
    assert CASES.keys() == alerts().keys()


@pytest.mark.programs
def test_each_alert_fires_and_keeps_quiet(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rules()))
    tests = [test for alert, case in CASES.items() for test in _tests_of(alert, case)]
    unit = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests}
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump(unit))
    ran = subprocess.run(
        [program("promtool"), "test", "rules", "tests.yaml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("alert", alerts())
def test_each_alert_leads_to_its_page(alert: str) -> None:
    rule = alerts()[alert]
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["runbook_url"].endswith(f"/runbooks/{alert}.md")
    page = (RUNBOOKS / f"{alert}.md").read_text()
    assert [line for line in page.splitlines() if line.startswith("## ")] == [f"## {section}" for section in SECTIONS]


def test_each_page_of_an_alert_has_its_alert() -> None:
    """Pages that are named like alerts; those of common acts have small names."""
    pages = {path.stem for path in RUNBOOKS.glob("[A-Z]*.md")} - {"README"}
    assert pages == alerts().keys()


def test_every_page_is_in_the_index() -> None:
    index = (RUNBOOKS / "README.md").read_text()
    assert [path.name for path in RUNBOOKS.glob("*.md") if f"({path.name})" not in index] == ["README.md"]
