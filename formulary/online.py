"""What the law of China does not allow to be sold, and so prescribed, online (NMPA announcement 2022 No. 111)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from formulary import atc
from formulary.data import INJECTIONS, read_ban, read_json
from formulary.findings import Finding, Kind, Severity, found
from formulary.model import Medicine, Patient

_GLUCOSE_LOWERING = "A10"


def check_online(items: Sequence[Medicine], _: Patient) -> Iterator[Finding]:
    """By code and by words of the name: whoever writes another code is found by the name."""
    for item in items:
        if (entry := banned_by(item)) is not None:
            yield found(
                Kind.NOT_ALLOWED,
                Severity.CONTRAINDICATED,
                [item.atc],
                subject=item.name_en,
                effect=f"may not be prescribed online: {entry}",
                action="send the patient to a visit in person",
                source=read_json("drug_safety.json")["cn_online_retail_prohibited_2022_111"]["source"],
            )


def banned_by(item: Medicine) -> str | None:
    """The list's entry that forbids it; None: it is not on the list."""
    return ban_on(item.atc, item.name_en, item.name_zh, injected=item.injected)


def ban_on(code: str, name_en: str, name_zh: str, *, injected: bool) -> str | None:
    """The list's entry that forbids a medicine of this code and these names; None: it is not on the list."""
    if injected and not code.startswith(_GLUCOSE_LOWERING):
        return INJECTIONS
    words = {*re.findall("[a-z]+", name_en.casefold())}
    parts = atc.parts(code)
    for row in _rows():
        if any(part.startswith(group) for part in parts for group in row["atc"]):
            return row["entry"][0]
        if any(word in words or word in name_zh for word in row["words"]):
            return row["entry"][0]
    return None


@cache
def _rows() -> Sequence[Mapping[str, Sequence[str]]]:
    return [{"entry": [row["entry"]], "atc": row["atc"].split(), "words": row["words"].split()} for row in read_ban()]
