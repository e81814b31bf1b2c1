"""What consultations are called in her language."""

from collections.abc import Mapping

from apricot.access.v1.access_pb2 import (
    SCOPE_ALERT_READ,
    SCOPE_ALERT_WRITE,
    SCOPE_DOSE_READ,
    SCOPE_GLUCOSE_READ,
    SCOPE_GLUCOSE_WRITE,
    SCOPE_MEAL_READ,
    SCOPE_PLAN_READ,
    SCOPE_PLAN_WRITE,
    SCOPE_REPORT_READ,
    Scope,
)
from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_MODE_TEXT,
    CONSULTATION_MODE_VIDEO,
    CONSULTATION_MODE_VOICE,
    CONSULTATION_STATE_ACTIVE,
    CONSULTATION_STATE_CANCELLED,
    CONSULTATION_STATE_CLOSED,
    CONSULTATION_STATE_EXPIRED,
    CONSULTATION_STATE_REFERRED,
    CONSULTATION_STATE_WAITING,
    Consultation,
)
from apricot.consult.v1.conversation_pb2 import (
    NOTICE_KIND_CALL_ENDED,
    NOTICE_KIND_CALL_MISSED,
    NOTICE_KIND_CLAIMED,
    NOTICE_KIND_COLLEAGUE_JOINED,
    NOTICE_KIND_ELIGIBILITY_DECIDED,
    NOTICE_KIND_ENDED,
    NOTICE_KIND_PRESCRIPTION_ISSUED,
    NOTICE_KIND_PRESCRIPTION_REJECTED,
    NOTICE_KIND_PRESCRIPTION_REVOKED,
    MessageContent,
    Notice,
)
from apricot.consult.v1.directory_pb2 import Department
from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from clients.clinician.models.consult.inbox_list import Section
from clients.clinician.models.settings import Language
from clients.clinician.translations import resolved
from clients.clinician.views import words
from clients.sdk import ApricotError, Reason

_MODES = {
    CONSULTATION_MODE_TEXT: QT_TRANSLATE_NOOP("Consult", "Text"),
    CONSULTATION_MODE_VOICE: QT_TRANSLATE_NOOP("Consult", "Voice"),
    CONSULTATION_MODE_VIDEO: QT_TRANSLATE_NOOP("Consult", "Video"),
}
_STATES = {
    CONSULTATION_STATE_WAITING: QT_TRANSLATE_NOOP("Consult", "Waiting"),
    CONSULTATION_STATE_ACTIVE: QT_TRANSLATE_NOOP("Consult", "Active"),
    CONSULTATION_STATE_CLOSED: QT_TRANSLATE_NOOP("Consult", "Closed"),
    CONSULTATION_STATE_REFERRED: QT_TRANSLATE_NOOP("Consult", "Referred"),
    CONSULTATION_STATE_EXPIRED: QT_TRANSLATE_NOOP("Consult", "Expired"),
    CONSULTATION_STATE_CANCELLED: QT_TRANSLATE_NOOP("Consult", "Cancelled"),
}
_SECTIONS = {
    Section.FOR_HER: QT_TRANSLATE_NOOP("Consult", "Waiting for you"),
    Section.ACTIVE: QT_TRANSLATE_NOOP("Consult", "Your consultations"),
    Section.POOL: QT_TRANSLATE_NOOP("Consult", "Question pool"),
    Section.ENDED: QT_TRANSLATE_NOOP("Consult", "Ended"),
}
_SCOPES = {
    SCOPE_GLUCOSE_READ: QT_TRANSLATE_NOOP("Consult", "Glucose"),
    SCOPE_GLUCOSE_WRITE: QT_TRANSLATE_NOOP("Consult", "Write in the diary"),
    SCOPE_MEAL_READ: QT_TRANSLATE_NOOP("Consult", "Meals"),
    SCOPE_DOSE_READ: QT_TRANSLATE_NOOP("Consult", "Doses"),
    SCOPE_REPORT_READ: QT_TRANSLATE_NOOP("Consult", "Reports"),
    SCOPE_ALERT_READ: QT_TRANSLATE_NOOP("Consult", "Alerts"),
    SCOPE_ALERT_WRITE: QT_TRANSLATE_NOOP("Consult", "Alert rules"),
    SCOPE_PLAN_READ: QT_TRANSLATE_NOOP("Consult", "Plan"),
    SCOPE_PLAN_WRITE: QT_TRANSLATE_NOOP("Consult", "Write the plan"),
}
_NOTICES = {
    NOTICE_KIND_CLAIMED: QT_TRANSLATE_NOOP("Consult", "{name} has accepted the consultation"),
    NOTICE_KIND_COLLEAGUE_JOINED: QT_TRANSLATE_NOOP("Consult", "{name} has joined"),
    NOTICE_KIND_ELIGIBILITY_DECIDED: QT_TRANSLATE_NOOP("Consult", "Eligibility for a prescription was decided"),
    NOTICE_KIND_PRESCRIPTION_ISSUED: QT_TRANSLATE_NOOP("Consult", "A prescription was issued"),
    NOTICE_KIND_PRESCRIPTION_REJECTED: QT_TRANSLATE_NOOP("Consult", "A pharmacist rejected a prescription"),
    NOTICE_KIND_PRESCRIPTION_REVOKED: QT_TRANSLATE_NOOP("Consult", "A prescription was revoked"),
    NOTICE_KIND_CALL_ENDED: QT_TRANSLATE_NOOP("Consult", "Call, {minutes}:{seconds}"),
    NOTICE_KIND_CALL_MISSED: QT_TRANSLATE_NOOP("Consult", "A call was not answered"),
    NOTICE_KIND_ENDED: QT_TRANSLATE_NOOP("Consult", "The consultation has ended"),
}
_CONTENTS = {
    "picture_attachment_id": QT_TRANSLATE_NOOP("Consult", "Picture"),
    "document_attachment_id": QT_TRANSLATE_NOOP("Consult", "Document"),
    "voice_note": QT_TRANSLATE_NOOP("Consult", "Voice note"),
    "card": QT_TRANSLATE_NOOP("Consult", "Card from the record"),
}
_PROBLEMS = {
    Reason.REASON_NOT_ALLOWED: QT_TRANSLATE_NOOP(
        "Consult", "The patient does not share this, or it is not yours to do."
    ),
    Reason.REASON_WRONG_STATE: QT_TRANSLATE_NOOP("Consult", "The consultation is not active: nothing can be added."),
    Reason.REASON_TOO_LARGE: QT_TRANSLATE_NOOP(
        "Consult", "It is too large: pictures up to 10 MB, documents up to 20 MB."
    ),
    Reason.REASON_MEDIA_NOT_SUPPORTED: QT_TRANSLATE_NOOP("Consult", "Only JPEG, PNG, WebP, HEIC and PDF can be sent."),
    Reason.REASON_EVIDENCE_REQUIRED: QT_TRANSLATE_NOOP(
        "Consult", "What you chose is no evidence of this diagnosis: choose a picture or document of this conversation."
    ),
    Reason.REASON_GUARDIAN_REQUIRED: QT_TRANSLATE_NOOP(
        "Consult", "The patient is under six: a guardian must be present."
    ),
    Reason.REASON_AGE_UNKNOWN: QT_TRANSLATE_NOOP(
        "Consult", "The patient's age is not known, so no prescription is possible."
    ),
    Reason.REASON_LICENCE_EXPIRED: QT_TRANSLATE_NOOP("Consult", "The doctor's licence is no longer valid."),
    Reason.REASON_PRACTICE_TOO_SHORT: QT_TRANSLATE_NOOP("Consult", "Online care needs three years in the profession."),
    Reason.REASON_TOO_MANY: QT_TRANSLATE_NOOP("Consult", "No more than eight people can take part."),
}


def _of[K](names: Mapping[K, object], key: K) -> str:
    return QCoreApplication.translate("Consult", str(names[key])) if key in names else ""


def mode(consultation: Consultation) -> str:
    return _of(_MODES, consultation.mode)


def state(consultation: Consultation) -> str:
    return _of(_STATES, consultation.state)


def section(of: Section) -> str:
    return _of(_SECTIONS, of)


def scope(of: Scope.ValueType) -> str:
    return _of(_SCOPES, of)


def age_years(consultation: Consultation) -> str:
    """Of the patient."""
    if not consultation.HasField("patient_age_years"):
        return QCoreApplication.translate("Consult", "age unknown")
    return QCoreApplication.translate("Consult", "{years} years").format(years=consultation.patient_age_years)


def notice(of: Notice, name: str) -> str:
    minutes, seconds = divmod(of.duration_seconds, 60)
    return _of(_NOTICES, of.kind).format(name=name, minutes=minutes, seconds=f"{seconds:02d}")


def brief(content: MessageContent, name: str = "") -> str:
    """A message in a line."""
    kind = content.WhichOneof("content") or ""
    if kind == "text":
        return " ".join(content.text.split())
    if kind == "notice":
        return notice(content.notice, name)
    return QCoreApplication.translate("Consult", str(_CONTENTS.get(kind, "")))


def file_is_gone() -> str:
    """Why a file was not sent after a restart."""
    return QCoreApplication.translate(
        "Consult", "It was not sent before the app was closed, and its file is gone or was changed. Attach it again."
    )


def department(consultation: Consultation, departments: Mapping[str, Department], language: Language) -> str:
    """Whose question it is, in her language; empty: not known."""
    found = departments.get(consultation.department_code, Department())
    return found.name if resolved(language) is Language.CHINESE else found.name_en


def problem(error: ApricotError) -> str:
    """Why something of a consultation was refused."""
    return _of(_PROBLEMS, error.reason) or words.problem(error)
