"""A plan that is being written: all of it in one value, that it can be kept and taken up again."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import uuid4

from apricot.glucose.v1.plan_pb2 import LineDecision, Plan, PlanContent, PlanDraft
from google.protobuf.json_format import MessageToDict, ParseDict

from clients.clinician.models.loop.form import PlanForm, from_json, to_json


class Verdict(StrEnum):
    """On one line of a draft."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    """Taken up in another way, which the note tells."""
    REJECTED = "rejected"


@dataclass
class Decision:
    """What was decided on a line, and why or how."""

    verdict: Verdict | None = None
    note: str = ""

    @property
    def complete(self) -> bool:
        """Whoever changes a suggestion says how."""
        return self.verdict is not None and (self.verdict is not Verdict.CHANGED or bool(self.note.strip()))


@dataclass(frozen=True)
class Basis:
    """What the next revision follows on; no plan: it begins a new one."""

    plan_id: str = ""
    revision: int = 0
    """The newest one that was seen, which is not always the one in force."""


@dataclass
class Writing:
    """What she has typed and decided."""

    form: PlanForm
    basis: Basis
    before: PlanContent
    """What the form was made from."""
    draft: PlanDraft | None = None
    decisions: dict[str, Decision] = field(default_factory=dict)
    """By the draft's line."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Why a medicine is planned all the same, by the key of the safety check's finding."""
    request_id: str = field(default_factory=lambda: str(uuid4()))
    """Sent twice it is one revision."""

    @property
    def undecided(self) -> int:
        """Lines of the draft that wait for a decision."""
        lines = self.draft.lines if self.draft else ()
        return sum(not self.decisions.get(line.line_id, Decision()).complete for line in lines)

    def line_decisions(self) -> list[LineDecision]:
        """As the contract has them."""
        return [
            LineDecision(line_id=line_id, accepted=decided.verdict is not Verdict.REJECTED, note=decided.note.strip())
            for line_id, decided in self.decisions.items()
            if decided.verdict is not None
        ]


def kept(writing: Writing) -> str:
    """To keep as a draft."""
    return json.dumps(
        {
            "form": to_json(writing.form),
            "plan_id": writing.basis.plan_id,
            "revision": writing.basis.revision,
            "before": MessageToDict(writing.before),
            "draft": MessageToDict(writing.draft) if writing.draft else None,
            "decisions": {
                line_id: {"verdict": decided.verdict, "note": decided.note}
                for line_id, decided in writing.decisions.items()
            },
            "reasons": writing.reasons,
            "request_id": writing.request_id,
        }
    )


def taken_up(text: str) -> Writing:
    """What was kept."""
    read: dict[str, Any] = json.loads(text)
    return Writing(
        form=from_json(read["form"]),
        basis=Basis(read["plan_id"], read["revision"]),
        before=ParseDict(read["before"], PlanContent(), ignore_unknown_fields=True),
        draft=ParseDict(read["draft"], PlanDraft(), ignore_unknown_fields=True) if read["draft"] else None,
        decisions={
            line_id: Decision(Verdict(each["verdict"]) if each["verdict"] else None, each["note"])
            for line_id, each in read["decisions"].items()
        },
        reasons=read.get("reasons", {}),
        request_id=read["request_id"],
    )


def basis_of(revisions: list[Plan], current: Plan | None) -> Basis:
    """What a next revision of the current plan follows on."""
    if current is None:
        return Basis()
    newest = max(plan.revision for plan in [*revisions, current] if plan.plan_id == current.plan_id)
    return Basis(current.plan_id, newest)
