"""Diagnoses as a doctor types them: one a line, the code first."""

import re

from apricot.consult.v1.consultation_pb2 import DiagnosisCode

_LINE = re.compile(r"([A-Za-z][0-9][0-9A-Za-z](?:\.[0-9A-Za-z]{1,4})?)(?:[\s,;:：，]+(.*))?")
_MOST_CHARACTERS = 200


def typed(diagnoses: list[DiagnosisCode]) -> str:
    """The other way round."""
    return "\n".join(f"{each.code} {each.description}".strip() for each in diagnoses)


def parsed(text: str) -> list[DiagnosisCode] | None:
    """ "E11.9 type 2 diabetes"; None: a line is no ICD-10 code."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _LINE.fullmatch(line)
        if match is None or len(match[2] or "") > _MOST_CHARACTERS:
            return None
        found.append(DiagnosisCode(code=match[1].upper(), description=(match[2] or "").strip()))
    return found
