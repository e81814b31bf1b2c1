"""A whole prescription as it is being written, and how it is kept as a draft."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace

from apricot.consult.v1.consultation_pb2 import DiagnosisCode
from apricot.consult.v1.prescription_pb2 import Prescription, WrittenPrescription

from clients.clinician.models.prescription import line as lines
from clients.clinician.models.prescription.line import Fault, Line

MOST_LINES = 5
"""Prescription Administration Measures, 2007, article 6."""
MOST_DIAGNOSES = 5
WEEK_DAYS = 7
"""For more the law wants a reason (2007 Measures, article 19)."""
MOST_VALIDITY_DAYS = 3
_ICD = re.compile(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?")
_MOST_DESCRIPTION, _MOST_WORDS = 200, 500


@dataclass(frozen=True)
class Diagnosis:
    """For what, as typed."""

    code: str = ""
    description: str = ""


@dataclass(frozen=True)
class Writing:
    """Never changed; each change makes another one."""

    lines: tuple[Line, ...] = field(default_factory=lambda: (Line(),))
    diagnoses: tuple[Diagnosis, ...] = (Diagnosis(),)
    long_supply_reason: str = ""
    validity_days: int = MOST_VALIDITY_DAYS
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why all the same, by the findings' keys."""
    revised_id: str = ""
    """The prescription whose next revision this is; empty: a new one."""
    revision: int = 0
    """The revision that it was written from."""
    sent: str = ""
    """The request whose answer never came, in base64; empty: none. Until it is answered nothing may be changed: nobody
    knows whether it was issued."""

    @property
    def is_empty(self) -> bool:
        return (
            all(line.is_empty for line in self.lines)
            and not any(self.reasons.values())
            and not self.long_supply_reason
            and not self.revised_id
        )

    @property
    def supply_days(self) -> int:
        """Of the medicine that lasts longest, with its repeats."""
        return max((lines.supply_days(line) for line in self.lines), default=0)

    def with_line(self, changed: Line) -> "Writing":
        return replace(self, lines=tuple(changed if line.key == changed.key else line for line in self.lines))


def faults(writing: Writing) -> dict[str, Fault]:
    """What keeps it from being checked, by the path of the field in the contract's `WrittenPrescription`."""
    found = {
        f"items[{place}].{name}": fault
        for place, line in enumerate(writing.lines)
        for name, fault in lines.faults(line).items()
    }
    if not writing.lines:
        found["items"] = Fault.MISSING
    for place, diagnosis in enumerate(writing.diagnoses):
        if not diagnosis.code:
            found[f"diagnoses[{place}].code"] = Fault.MISSING
        elif not _ICD.fullmatch(diagnosis.code):
            found[f"diagnoses[{place}].code"] = Fault.CODE
        if len(diagnosis.description) > _MOST_DESCRIPTION:
            found[f"diagnoses[{place}].description"] = Fault.RANGE
    if writing.supply_days > WEEK_DAYS and not writing.long_supply_reason.strip():
        found["long_supply_reason"] = Fault.LONG_SUPPLY
    elif len(writing.long_supply_reason) > _MOST_WORDS:
        found["long_supply_reason"] = Fault.RANGE
    return found


def written(writing: Writing) -> WrittenPrescription | None:
    """In the contract's words; None while something is wrong with it."""
    if faults(writing):
        return None
    return WrittenPrescription(
        items=[lines.item_of(line) for line in writing.lines],
        diagnoses=[
            DiagnosisCode(code=diagnosis.code, description=diagnosis.description.strip())
            for diagnosis in writing.diagnoses
        ],
        long_supply_reason=writing.long_supply_reason.strip() if writing.supply_days > WEEK_DAYS else "",
        validity_days=writing.validity_days,
    )


def of_issued(prescription: Prescription) -> Writing:
    """The next revision, as it would be without a change."""
    said, content = prescription.content.written, prescription.content
    return Writing(
        lines=tuple(lines.of_item(item) for item in said.items),
        diagnoses=tuple(Diagnosis(each.code, each.description) for each in said.diagnoses),
        long_supply_reason=said.long_supply_reason,
        validity_days=said.validity_days or MOST_VALIDITY_DAYS,
        reasons={override.finding_key: override.reason for override in content.overrides},
        revised_id=prescription.prescription_id,
        revision=prescription.revision,
    )


def to_text(writing: Writing) -> str:
    return json.dumps(asdict(writing), ensure_ascii=False)


def of_text(text: str) -> Writing:
    """What this version does not know is left out."""
    found, known = json.loads(text), {each.name for each in fields(Writing)}
    return Writing(
        **{
            **{name: value for name, value in found.items() if name in known},
            "lines": tuple(lines.kept(line) for line in found["lines"]),
            "diagnoses": tuple(Diagnosis(**diagnosis) for diagnosis in found["diagnoses"]),
        }
    )
