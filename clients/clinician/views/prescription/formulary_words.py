"""What the platform's check says, in the clinician's language where it is one of its fixed sentences. What the data say
of two medicines stays in the words of their source."""

import re

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

_SENTENCES = {
    QT_TRANSLATE_NOOP("Formulary", "nobody has recorded allergies"),
    QT_TRANSLATE_NOOP("Formulary", "ask, and record them, or that there are none"),
    QT_TRANSLATE_NOOP("Formulary", "nobody has recorded which medicines the patient takes"),
    QT_TRANSLATE_NOOP("Formulary", "whether the quantity lasts cannot be told from its unit"),
    QT_TRANSLATE_NOOP("Formulary", "make sure that it does"),
    QT_TRANSLATE_NOOP("Formulary", "send the patient to a visit in person"),
    QT_TRANSLATE_NOOP("Formulary", "correct the quantity, or the dose"),
    QT_TRANSLATE_NOOP("Formulary", "its substance is not known by a code, and so neither is what it forbids"),
    QT_TRANSLATE_NOOP("Formulary", "the dose of a day cannot be told from dose and strength"),
    QT_TRANSLATE_NOOP("Formulary", "write the dose in mg, or in what the strength is for"),
    QT_TRANSLATE_NOOP("Formulary", "the patient takes it already"),
    QT_TRANSLATE_NOOP("Formulary", "make sure that it goes on in one place alone"),
    QT_TRANSLATE_NOOP("Formulary", "the same, or one of the same kind, twice"),
    QT_TRANSLATE_NOOP("Formulary", "leave one out"),
    QT_TRANSLATE_NOOP("Formulary", "ask, and record it"),
    QT_TRANSLATE_NOOP("Formulary", "write the code and the generic names of one and the same medicine"),
    QT_TRANSLATE_NOOP("Formulary", "the data hold no maximum dose of a day"),
    QT_TRANSLATE_NOOP("Formulary", "look it up elsewhere"),
    QT_TRANSLATE_NOOP("Formulary", "lower the dose"),
    QT_TRANSLATE_NOOP("Formulary", "have it measured, and record it"),
    QT_TRANSLATE_NOOP("Formulary", "its code is not known, and so neither is what it does together with others"),
    QT_TRANSLATE_NOOP("Formulary", "the data do not tell what this combination consists of"),
    QT_TRANSLATE_NOOP("Formulary", "the data do not hold this medicine: its interactions are not known"),
    QT_TRANSLATE_NOOP("Formulary", "Pregnancy status is not recorded"),
    QT_TRANSLATE_NOOP("Formulary", "it depends on the kidneys, and their function is not known"),
    QT_TRANSLATE_NOOP("Formulary", "the data do not tell from which age it may be given"),
    QT_TRANSLATE_NOOP("Formulary", "give another medicine, or refer to a visit in person"),
    QT_TRANSLATE_NOOP("Formulary", "the data hold no maximum dose of a day for a child of this age"),
    QT_TRANSLATE_NOOP("Formulary", "have the patient weighed, and record it"),
    QT_TRANSLATE_NOOP("Formulary", "find out what it was, and record its code"),
    QT_TRANSLATE_NOOP("Formulary", "allergies are recorded, and what is in this combination is not known"),
    QT_TRANSLATE_NOOP("Formulary", "prescribe its substances one by one"),
    QT_TRANSLATE_NOOP("Formulary", "ask about liver disease, and record it"),
    QT_TRANSLATE_NOOP("Formulary", "no restriction known"),
    QT_TRANSLATE_NOOP("Formulary", "nothing more is asked for"),
    QT_TRANSLATE_NOOP("Formulary", "an allergy to this substance"),
    QT_TRANSLATE_NOOP("Formulary", "an allergy to this class"),
    QT_TRANSLATE_NOOP("Formulary", "an allergy to a substance of the same class"),
    QT_TRANSLATE_NOOP("Formulary", "do not give"),
    QT_TRANSLATE_NOOP("Formulary", "do not combine"),
    QT_TRANSLATE_NOOP("Formulary", "give another class"),
    QT_TRANSLATE_NOOP("Formulary", "the patient's record"),
}
_PATTERNS = {
    QT_TRANSLATE_NOOP("Formulary", "{one} mg a day, at most {two} mg"): re.compile(
        r"(?P<one>[\d.]+) mg a day, at most (?P<two>[\d.]+) mg"
    ),
    QT_TRANSLATE_NOOP("Formulary", "{one} are handed out, {two} are taken"): re.compile(
        r"(?P<one>[\d.]+ \S+) are handed out, (?P<two>[\d.]+ \S+) are taken"
    ),
    QT_TRANSLATE_NOOP("Formulary", "may not be prescribed online: {one}"): re.compile(
        r"may not be prescribed online: (?P<one>.+)"
    ),
}


def told(text: str) -> str:
    """The same, said for the clinician; as it came where it is not one of these."""
    if text in _SENTENCES:
        return QCoreApplication.translate("Formulary", text)
    for sentence, pattern in _PATTERNS.items():
        if (found := pattern.fullmatch(text)) is not None:
            return QCoreApplication.translate("Formulary", str(sentence)).format(**found.groupdict())
    return text
