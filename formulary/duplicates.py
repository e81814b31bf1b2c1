"""Duplicate therapy: the same substance, or one of the same ATC group of the 4th level, twice. Insulins of different
action (basal and rapid, A10AE and A10AB) are different groups, and so are no duplicates."""

from collections.abc import Iterator, Sequence

from formulary import atc
from formulary.data import read_json
from formulary.findings import Finding, Kind, Severity, found
from formulary.model import Medicine, Patient

_LEVEL_4 = 5
"""Places of a code of the 4th level."""


def check_duplicates(items: Sequence[Medicine], patient: Patient) -> Iterator[Finding]:
    """Among the medicines to be prescribed, and with those in use. What the patient takes already may well go on."""
    for place, item in enumerate(items):
        for other in items[place + 1 :]:
            yield from _between(item.atc, item.name_en, other.atc, other.name_en, goes_on=False)
        for used in patient.in_use:
            if used.atc:
                goes_on = used.atc == item.atc and not used.prescribed
                yield from _between(item.atc, item.name_en, used.atc, used.name, goes_on=goes_on)


def _between(one: str, one_name: str, two: str, two_name: str, *, goes_on: bool) -> Iterator[Finding]:
    (one, one_name), (two, two_name) = sorted([(one, one_name), (two, two_name)])
    groups = _groups(one) & _groups(two)
    may_be = any(atc.is_in(a, b) for a in atc.parts(one) for b in atc.parts(two) if min(len(a), len(b)) < _LEVEL_4)
    if not groups and not may_be:
        return
    mixed = one != two and not may_be and groups <= set(read_json("limits.json")["mixed_groups"])
    yield found(
        Kind.DUPLICATE,
        Severity.MODERATE if goes_on or mixed else Severity.MAJOR,
        [one, two],
        subject=one_name,
        other=two_name,
        effect="the patient takes it already" if goes_on else "the same, or one of the same kind, twice",
        action="make sure that it goes on in one place alone" if goes_on else "leave one out",
        source="ATC, 4th level",
    )


def _groups(code: str) -> frozenset[str]:
    return frozenset(part[:_LEVEL_4] for part in atc.parts(code) if len(part) >= _LEVEL_4)
