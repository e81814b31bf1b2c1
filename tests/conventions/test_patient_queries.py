"""Every query on patient data carries the patient: a forgotten filter is found here, not by a patient."""

import ast
import re
from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[2] / "services"
STORES = [SERVICES / name / "store" for name in ("glucose", "consult", "pharmacy")]
TABLES = {
    "entry": "EntryRow",
    "entry_revision": "EntryRevisionRow",
    "entry_archive": "EntryArchiveRow",
    "alert": "AlertRow",
    "alert_rules": "AlertRulesRow",
    "plan_revision": "PlanRow",
    "plan_draft": "PlanDraftRow",
    "glucose_day": "GlucoseDayRow",
    "glucose_day_mark": "GlucoseDayMarkRow",
    "diary_quota": "DiaryQuotaRow",
    "photo": "PhotoRow",
    "timeline_item": "TimelineItemRow",
    "consultation": "ConsultationRow",
    "member": "MemberRow",
    "message": "MessageRow",
    "rating": "RatingRow",
    "appointment": "AppointmentRow",
    "waiting_entry": "WaitingRow",
    "signal": "SignalRow",
    "call": "CallRow",
    "call_participant": "CallParticipantRow",
    "open_stream": "OpenStreamRow",
    "attachment": "AttachmentRow",
    "attachment_upload": "AttachmentUploadRow",
    "prescription_revision": "PrescriptionRow",
    "health_record_revision": "HealthRecordRow",
    "medicine_order": "OrderRow",
    "order_item": "OrderItemRow",
    "order_step": "OrderStepRow",
    "stock_hold": "HoldRow",
    "prescription": "PrescriptionRow",
    "prescription_claim": "ClaimRow",
    "review": "ReviewRow",
    "review_question": "QuestionRow",
    "quote": "QuoteRow",
    "order_rating": "OrderRatingRow",
    "supply_lot": "SupplyLotRow",
    "supply": "SupplyRow",
    "supply_warning": "SupplyWarningRow",
    "payment": "PaymentRow",
    "refund": "RefundRow",
    "delivery_job": "JobRow",
    "courier_position": "PositionRow",
    "delivery_temperature": "TemperatureRow",
}
OWNERS = re.compile(r"\b(patient_id|account_id)\b")
"""Whose data it is, or whose part in it: who takes part in a consultation is a row that names the account."""
_READS = re.compile(rf"\b(?:from|join|update|into) ({'|'.join(TABLES)})\b")

FILES = [path for store in STORES for path in store.glob("*.py") if not path.name.endswith("tables.py")]


def _functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _touches_patient_data(function: ast.AST) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _READS.search(node.value):
            return True
        selects = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "select"
        if selects and any(isinstance(found, ast.Name) and found.id in TABLES.values() for found in ast.walk(node)):
            return True
    return False


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_query_names_the_patient(path: Path) -> None:
    for function in _functions(path):
        if _touches_patient_data(function):
            assert OWNERS.search(ast.unparse(function)), f"{path.name}: {function.name} forgets the patient"


def test_the_rule_finds_a_forgotten_filter() -> None:
    assert _touches_patient_data(ast.parse("async def f(c):\n    await c.fetch('select body from entry limit 1')"))
    assert _touches_patient_data(ast.parse("def f():\n    return select(EntryRow).where(EntryRow.entry_id == 1)"))
