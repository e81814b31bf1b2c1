"""What prescriptions are said in."""

import re

from apricot.consult.v1 import prescription_pb2 as pb
from apricot.consult.v1.prescription_pb2 import Finding, Prescription, PrescriptionItem
from apricot.errors.v1.reason_pb2 import Reason
from PySide6.QtCore import QCoreApplication

from clients.clinician.models.prescription.line import Fault, Often
from clients.clinician.views import words
from clients.clinician.views.prescription import formulary_words
from clients.sdk import ApricotError


def unit(ucum: str) -> str:
    """A unit as people write it."""
    return {
        "ug": "µg",
        "[iU]": "IU",
        "ug/mL": "µg/mL",
        "[iU]/mL": "IU/mL",
        "{tablet}": QCoreApplication.translate("Rx", "tab"),
        "{capsule}": QCoreApplication.translate("Rx", "cap"),
        "{sachet}": QCoreApplication.translate("Rx", "sachet"),
        "{drop}": QCoreApplication.translate("Rx", "drop"),
        "{puff}": QCoreApplication.translate("Rx", "puff"),
        "{patch}": QCoreApplication.translate("Rx", "patch"),
        "{suppository}": QCoreApplication.translate("Rx", "suppository"),
        "{application}": QCoreApplication.translate("Rx", "application"),
        "{pen}": QCoreApplication.translate("Rx", "pen"),
        "{cartridge}": QCoreApplication.translate("Rx", "cartridge"),
        "{vial}": QCoreApplication.translate("Rx", "vial"),
        "{bottle}": QCoreApplication.translate("Rx", "bottle"),
        "{tube}": QCoreApplication.translate("Rx", "tube"),
        "{box}": QCoreApplication.translate("Rx", "box"),
    }.get(ucum, ucum)


def forms() -> dict[int, str]:
    """By their numbers in the contract."""
    return {
        pb.MEDICINE_FORM_TABLET: QCoreApplication.translate("Rx", "Tablet"),
        pb.MEDICINE_FORM_MODIFIED_RELEASE_TABLET: QCoreApplication.translate("Rx", "Slow-release tablet"),
        pb.MEDICINE_FORM_CAPSULE: QCoreApplication.translate("Rx", "Capsule"),
        pb.MEDICINE_FORM_GRANULES: QCoreApplication.translate("Rx", "Granules"),
        pb.MEDICINE_FORM_ORAL_LIQUID: QCoreApplication.translate("Rx", "Oral liquid"),
        pb.MEDICINE_FORM_INJECTION: QCoreApplication.translate("Rx", "Injection"),
        pb.MEDICINE_FORM_INHALATION: QCoreApplication.translate("Rx", "Inhalation"),
        pb.MEDICINE_FORM_DROPS_OR_SPRAY: QCoreApplication.translate("Rx", "Drops or spray"),
        pb.MEDICINE_FORM_CREAM: QCoreApplication.translate("Rx", "Cream or gel"),
        pb.MEDICINE_FORM_PATCH: QCoreApplication.translate("Rx", "Patch"),
        pb.MEDICINE_FORM_SUPPOSITORY: QCoreApplication.translate("Rx", "Suppository"),
    }


def routes() -> dict[int, str]:
    """By their numbers in the contract."""
    return {
        pb.MEDICINE_ROUTE_ORAL: QCoreApplication.translate("Rx", "By mouth"),
        pb.MEDICINE_ROUTE_SUBLINGUAL: QCoreApplication.translate("Rx", "Under the tongue"),
        pb.MEDICINE_ROUTE_SUBCUTANEOUS: QCoreApplication.translate("Rx", "Under the skin"),
        pb.MEDICINE_ROUTE_INTRAMUSCULAR: QCoreApplication.translate("Rx", "Into a muscle"),
        pb.MEDICINE_ROUTE_INTRAVENOUS: QCoreApplication.translate("Rx", "Into a vein"),
        pb.MEDICINE_ROUTE_INHALED: QCoreApplication.translate("Rx", "Inhaled"),
        pb.MEDICINE_ROUTE_CUTANEOUS: QCoreApplication.translate("Rx", "On the skin"),
        pb.MEDICINE_ROUTE_OPHTHALMIC: QCoreApplication.translate("Rx", "Into the eye"),
        pb.MEDICINE_ROUTE_OTIC: QCoreApplication.translate("Rx", "Into the ear"),
        pb.MEDICINE_ROUTE_NASAL: QCoreApplication.translate("Rx", "Into the nose"),
        pb.MEDICINE_ROUTE_RECTAL: QCoreApplication.translate("Rx", "Into the rectum"),
        pb.MEDICINE_ROUTE_VAGINAL: QCoreApplication.translate("Rx", "Into the vagina"),
    }


def often(which: str) -> str:
    """What the number of a frequency counts."""
    return {
        Often.TIMES_PER_DAY: QCoreApplication.translate("Rx", "× a day"),
        Often.EVERY_HOURS: QCoreApplication.translate("Rx", "hours between"),
        Often.AS_NEEDED: QCoreApplication.translate("Rx", "× a day at most, if needed"),
    }[Often(which)]


def severity(of: int) -> str:
    told: dict[int, str] = {
        pb.FINDING_SEVERITY_MINOR: QCoreApplication.translate("Rx", "Minor"),
        pb.FINDING_SEVERITY_MODERATE: QCoreApplication.translate("Rx", "Moderate"),
        pb.FINDING_SEVERITY_MAJOR: QCoreApplication.translate("Rx", "Major"),
        pb.FINDING_SEVERITY_CONTRAINDICATED: QCoreApplication.translate("Rx", "Contraindicated"),
    }
    return told.get(of, QCoreApplication.translate("Rx", "Unknown"))


def kind(of: int) -> str:
    told: dict[int, str] = {
        pb.FINDING_KIND_NOT_ALLOWED: QCoreApplication.translate("Rx", "not allowed online"),
        pb.FINDING_KIND_MEDICINE: QCoreApplication.translate("Rx", "medicine"),
        pb.FINDING_KIND_INTERACTION: QCoreApplication.translate("Rx", "interaction"),
        pb.FINDING_KIND_DUPLICATE: QCoreApplication.translate("Rx", "duplicate"),
        pb.FINDING_KIND_ALLERGY: QCoreApplication.translate("Rx", "allergy"),
        pb.FINDING_KIND_DAILY_DOSE: QCoreApplication.translate("Rx", "daily dose"),
        pb.FINDING_KIND_KIDNEY: QCoreApplication.translate("Rx", "kidneys"),
        pb.FINDING_KIND_PREGNANCY: QCoreApplication.translate("Rx", "pregnancy"),
        pb.FINDING_KIND_AGE: QCoreApplication.translate("Rx", "age"),
        pb.FINDING_KIND_QUANTITY: QCoreApplication.translate("Rx", "quantity"),
        pb.FINDING_KIND_LIVER: QCoreApplication.translate("Rx", "liver"),
    }
    return told.get(of, "")


def consequence(of: int) -> str:
    told: dict[int, str] = {
        pb.FINDING_CONSEQUENCE_INFORMS: QCoreApplication.translate("Rx", "for information"),
        pb.FINDING_CONSEQUENCE_NEEDS_REASON: QCoreApplication.translate("Rx", "needs a reason"),
    }
    return told.get(of, QCoreApplication.translate("Rx", "not allowed"))


def told(text: str) -> str:
    """What the platform says, in the clinician's language where it can be, and with units as people write them."""
    return re.sub(r"\{[a-z]+\}|\[iU\](/mL)?|ug\b(/mL)?", lambda found: unit(found[0]), formulary_words.told(text))


def names(finding: Finding) -> str:
    """Whom a finding is about."""
    return " + ".join(name for name in (finding.subject, finding.other) if name)


def fault(of: Fault) -> str:
    return {
        Fault.MISSING: QCoreApplication.translate("Rx", "Required"),
        Fault.NUMBER: QCoreApplication.translate("Rx", "A number above 0, up to 3 decimals"),
        Fault.RANGE: QCoreApplication.translate("Rx", "Out of range"),
        Fault.CODE: QCoreApplication.translate("Rx", "Not a valid code"),
        Fault.SUPPLY: QCoreApplication.translate("Rx", "With repeats at most 84 days"),
        Fault.LONG_SUPPLY: QCoreApplication.translate("Rx", "Needed for more than 7 days"),
    }[of]


def state(of: int) -> str:
    """Where a prescription stands."""
    told: dict[int, str] = {
        pb.PRESCRIPTION_STATE_ISSUED: QCoreApplication.translate("Rx", "Issued, not dispensed yet"),
        pb.PRESCRIPTION_STATE_REPLACED: QCoreApplication.translate("Rx", "Replaced by a newer revision"),
        pb.PRESCRIPTION_STATE_REVOKED: QCoreApplication.translate("Rx", "Revoked"),
        pb.PRESCRIPTION_STATE_EXPIRED: QCoreApplication.translate("Rx", "Expired"),
        pb.PRESCRIPTION_STATE_DISPENSED: QCoreApplication.translate("Rx", "Dispensed"),
        pb.PRESCRIPTION_STATE_REPEATING: QCoreApplication.translate("Rx", "Dispensed, repeats left"),
        pb.PRESCRIPTION_STATE_REJECTED: QCoreApplication.translate("Rx", "Rejected by a pharmacist"),
    }
    return told.get(of, "")


def refusal(error: ApricotError) -> str:
    """Why the platform does not check or sign it, and what to do."""
    return {
        Reason.REASON_NOT_ELIGIBLE: QCoreApplication.translate(
            "Rx", "You have not decided that the law allows prescribing here. Decide on eligibility first."
        ),
        Reason.REASON_AGE_UNKNOWN: QCoreApplication.translate(
            "Rx", "The patient's age is not known, and without it nothing may be prescribed."
        ),
        Reason.REASON_GUARDIAN_REQUIRED: QCoreApplication.translate(
            "Rx", "Under six years a guardian has to be present. Note it with the eligibility."
        ),
        Reason.REASON_WRONG_STATE: QCoreApplication.translate(
            "Rx", "The consultation does not go on, or the prescription is no longer valid."
        ),
        Reason.REASON_MEDICINE_NOT_ALLOWED: QCoreApplication.translate(
            "Rx", "The law does not allow this medicine online. Send the patient to a visit in person."
        ),
        Reason.REASON_PRESCRIPTION_UNSAFE: QCoreApplication.translate(
            "Rx", "The safety check does not allow it. It was not issued."
        ),
        Reason.REASON_FRESH_SIGN_IN_REQUIRED: QCoreApplication.translate(
            "Rx", "It was not issued: enter a new code from your authenticator."
        ),
        Reason.REASON_PROOF_OF_OTHER_CONTENT: QCoreApplication.translate(
            "Rx", "What was to be signed is not what you wrote. Nothing was issued. Tell your administrator."
        ),
        Reason.REASON_SECOND_FACTOR_INVALID: QCoreApplication.translate(
            "Rx", "Wrong or used code. Wait for the next one."
        ),
        Reason.REASON_LICENCE_EXPIRED: QCoreApplication.translate("Rx", "Your licence is not valid today."),
        Reason.REASON_PRACTICE_TOO_SHORT: QCoreApplication.translate(
            "Rx", "Prescribing online takes three years of practice."
        ),
        Reason.REASON_REVISION_MISMATCH: QCoreApplication.translate(
            "Rx", "What is known of the patient has changed. It was checked again: look, then sign."
        ),
        Reason.REASON_TOO_LARGE: QCoreApplication.translate("Rx", "Too many words for one prescription."),
        Reason.REASON_INVALID_FIELD: QCoreApplication.translate("Rx", "A field is not valid."),
    }.get(error.reason) or words.problem(error)


def amount(value: str, ucum: str) -> str:
    return f"{value} {unit(ucum)}"


def medicine(item: PrescriptionItem) -> str:
    """Such as "二甲双胍 metformin 500 mg, tablet"."""
    form = forms().get(item.form, "")
    return f"{item.name_zh} {item.name_en} {amount(item.strength.value, item.strength.unit)} · {form}"


def taking(item: PrescriptionItem) -> str:
    """How it is taken."""
    which = item.frequency.WhichOneof("frequency") or Often.TIMES_PER_DAY
    said = QCoreApplication.translate("Rx", "{dose} {route}, {count} {often}, for {days} days")
    return said.format(
        dose=amount(item.dose.value, item.dose.unit),
        route=routes().get(item.route, "").lower(),
        count=getattr(item.frequency, which),
        often=often(which),
        days=item.duration_days,
    )


def handing_out(item: PrescriptionItem) -> str:
    """How much, and how often again."""
    quantity = amount(item.quantity.value, item.quantity.unit)
    if not item.repeats:
        return QCoreApplication.translate("Rx", "Hand out {quantity}, no repeat").format(quantity=quantity)
    said = QCoreApplication.translate("Rx", "Hand out {quantity}, up to {count} × again")
    return said.format(quantity=quantity, count=item.repeats)


def title(prescription: Prescription) -> str:
    """Its number, as pharmacies read it out."""
    said = QCoreApplication.translate("Rx", "No. {number} · revision {revision}")
    return said.format(number=prescription.prescription_id[:8].upper(), revision=prescription.revision)
