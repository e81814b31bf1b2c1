"""A prescription as it was issued, like the sheet that is printed."""

import hashlib
from datetime import UTC, datetime

from apricot.consult.v1 import prescription_pb2 as pb
from apricot.consult.v1.prescription_pb2 import Prescription
from google.protobuf.timestamp_pb2 import Timestamp
from PySide6.QtWidgets import QBoxLayout, QFrame, QWidget

from clients.clinician.views.parts import column, label, line, row
from clients.clinician.views.prescription import rx_words
from clients.clinician.views.theme import SPACE, theme

_GOOD = {pb.PRESCRIPTION_STATE_ISSUED, pb.PRESCRIPTION_STATE_REPEATING, pb.PRESCRIPTION_STATE_DISPENSED}


class Sheet(QFrame):
    """Who, for what, which medicines, signed by whom."""

    def __init__(self, prescription: Prescription) -> None:
        super().__init__()
        self.setProperty("role", "card")
        parts: list[QWidget | QBoxLayout | None] = [self._head(prescription), line()]
        if prescription.altered:
            parts.append(
                label(self.tr("The content does not match its signature. Do not act on it."), "problem", wraps=True)
            )
        else:
            parts += self._content(prescription)
        if prescription.revoke_reason:
            said = self.tr("Revoked on {time}: {reason}")
            parts.append(
                label(
                    said.format(time=_when(prescription.end_time), reason=prescription.revoke_reason),
                    "problem",
                    wraps=True,
                    selectable=True,
                )
            )
        if prescription.HasField("reject_time"):
            said = self.tr("Rejected by a pharmacist on {time}: {reason}")
            parts.append(
                label(
                    said.format(time=_when(prescription.reject_time), reason=prescription.reject_reason or "–"),
                    "problem",
                    wraps=True,
                    selectable=True,
                )
            )
        layout = column(*parts, spacing=SPACE)
        layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        self.setLayout(layout)
        self.setAccessibleName(f"{rx_words.title(prescription)}: {rx_words.state(prescription.state)}")

    def _head(self, prescription: Prescription) -> QBoxLayout:
        standing = label(rx_words.state(prescription.state))
        shown = theme().good if prescription.state in _GOOD else theme().muted
        standing.setStyleSheet(
            f"color: {shown}; font-weight: 700; border: 1px solid {shown}; border-radius: 4px; padding: 2px 8px;"
        )
        return row(
            column(label(self.tr("Prescription"), "heading"), label(rx_words.title(prescription), "muted"), spacing=2),
            None,
            column(standing, None),
        )

    def _content(self, prescription: Prescription) -> list[QWidget | QBoxLayout | None]:
        content = prescription.content
        patient = self.tr("{name}, {age} years").format(name=content.patient_name, age=content.patient_age_years)
        diagnoses = "; ".join(f"{each.code} {each.description}".strip() for each in content.written.diagnoses)
        parts: list[QWidget | QBoxLayout | None] = [
            _pair(self.tr("Patient"), patient),
            _pair(self.tr("Diagnoses"), diagnoses),
            label("Rp.", "heading"),
        ]
        for place, item in enumerate(content.written.items, 1):
            medicine = label(f"{place}.  {rx_words.medicine(item)}", wraps=True, selectable=True)
            medicine.setStyleSheet("font-weight: 700;")
            told = [rx_words.taking(item), rx_words.handing_out(item), item.instructions]
            parts.append(
                column(
                    medicine, label("\n".join(text for text in told if text), wraps=True, selectable=True), spacing=2
                )
            )
        if content.written.long_supply_reason:
            parts.append(_pair(self.tr("Reason for more than 7 days"), content.written.long_supply_reason))
        findings = {finding.key: finding for finding in content.findings}
        for override in content.overrides:
            finding = findings.get(override.finding_key)
            against = finding.effect if finding else override.finding_key
            parts.append(_pair(self.tr("Accepted risk, with reason"), f"{against}: {override.reason}"))
        digest = hashlib.sha256(prescription.signed_content).hexdigest()[:16]
        parts += [
            line(),
            _pair(self.tr("Signed by"), content.doctor_name),
            _pair(self.tr("Issued"), _when(content.issue_time)),
            _pair(self.tr("Valid until"), _when(content.expire_time)),
            _pair(self.tr("Signature"), f"Ed25519 · SHA-256 {digest}…"),
        ]
        return parts


def _pair(caption: str, text: str) -> QBoxLayout:
    told = label(caption, "muted", wraps=True)
    told.setFixedWidth(112)
    made = row(told, label(text, wraps=True, selectable=True), spacing=SPACE)
    made.setStretch(1, 1)
    return made


def _when(instant: Timestamp) -> str:
    """On this machine's clock."""
    return datetime.fromtimestamp(instant.ToSeconds(), UTC).astimezone().strftime("%Y-%m-%d %H:%M")
