"""A patient's identity in words. Wherever a patient is acted on, these stand beside the name."""

from apricot.identity.v1.account_pb2 import SEX_FEMALE, SEX_MALE, SEX_OTHER
from PySide6.QtCore import QCoreApplication

from clients.clinician.models.identity import Identity


def name(of: Identity) -> str:
    """Return the name; of a patient who gave none, the record number, said to be one."""
    if of.name:
        return of.name
    text = QCoreApplication.translate("Words", "Unnamed patient, no. {number}")
    return text.format(number=of.record_number)


def born(of: Identity) -> str:
    """Return "born 1958-03-07"."""
    if not of.birth_date:
        return QCoreApplication.translate("Words", "birth date unknown")
    return QCoreApplication.translate("Words", "born {date}").format(date=of.birth_date)


def sex(of: Identity) -> str:
    """Return the sex recorded at birth."""
    return {
        SEX_FEMALE: QCoreApplication.translate("Words", "female"),
        SEX_MALE: QCoreApplication.translate("Words", "male"),
        SEX_OTHER: QCoreApplication.translate("Words", "other sex"),
    }.get(of.sex, QCoreApplication.translate("Words", "sex unknown"))


def facts(of: Identity) -> str:
    """Return what tells people of one name apart: "born 1958-03-07 · female · no. C434 443E"."""
    return " · ".join((born(of), sex(of), number(of)))


def number(of: Identity) -> str:
    """Return the record number: "no. C434 443E"."""
    return QCoreApplication.translate("Words", "no. {number}").format(number=of.record_number)


def short(of: Identity) -> str:
    """Return what is known of it where there is little room: "1958-03-07 · female"."""
    known = (of.birth_date or born(of), sex(of) if of.sex else "")
    return " · ".join(filter(None, known))
