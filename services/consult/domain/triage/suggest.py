"""From a complaint to an answer: what is there, what is dangerous, which departments fit."""

from collections.abc import Iterable, Mapping, Sequence
from math import prod

from services.consult.domain.triage.model import (
    SEVERE,
    SUDDEN,
    Adjustment,
    Bilingual,
    Complaint,
    Effect,
    Fit,
    Mention,
    Quantity,
    Raised,
    Reason,
    RedFlag,
    Rules,
    Span,
    Suggestion,
    Told,
)
from services.consult.domain.triage.readings import readings
from services.consult.domain.triage.recognize import recognize
from services.consult.domain.triage.text import Folded
from services.consult.domain.triage.vocabulary import Vocabulary

MOST_DEPARTMENTS = 5
EMERGENCY = "emergency"
GENERAL_PRACTICE = "general_practice"
PREGNANT = "pregnant"

_SEVERE_FROM = 8
_SUDDEN_UP_TO_HOURS = 6
_WORTH_TELLING = 0.25
"""A department that fits less than this part of the best one is left out."""
_NOTHING = Bilingual(
    "没有识别出具体症状，可先由该科医生了解情况",
    "No particular symptom was recognized; these doctors look at everything first",
)
_NO_DEPARTMENT = Bilingual(
    "识别到的症状没有特别对应的科室，可先由该科医生了解情况",
    "What was recognized points to no one department; these doctors look at everything first",
)
_DANGER = Bilingual("出现需要立即处理的危险信号", "Signs of danger that need help at once")

type Signs = Mapping[str, tuple[Span, ...]]
"""Everything that is there, with the parts of the text that say so: terms, their qualities, facts about the person."""


def suggest(complaint: Complaint, rules: Rules, vocabulary: Vocabulary) -> Suggestion:
    """The answer to a complaint."""
    mentions = _mentions(complaint, rules, vocabulary)
    signs = _signs(complaint, mentions, rules)
    raised = tuple(found for flag in rules.red_flags if (found := _raised(flag, signs)))
    return Suggestion(raised, tuple(_fits(mentions, signs, bool(raised), rules)), tuple(mentions))


def _mentions(complaint: Complaint, rules: Rules, vocabulary: Vocabulary) -> list[Mention]:
    """What the text tells, its measured values too, then what was told by code."""
    folded, said = recognize(complaint.text, vocabulary)
    said += _measured(folded, rules)
    said.sort(key=lambda mention: (mention.span.start, mention.span.end) if mention.span else (0, 0))
    conditions = [*complaint.conditions, *([PREGNANT] if complaint.pregnant else [])]
    told = [*map(_told, complaint.symptoms), *(Mention(code, None) for code in conditions)]
    return said + told


def _measured(folded: Folded, rules: Rules) -> list[Mention]:
    return [
        Mention(measure.sign, Span(folded.origins[reading.start], folded.origins[reading.end - 1] + 1))
        for reading in readings(folded.text)
        for measure in rules.measures
        if measure.quantity is reading.quantity and measure.holds(reading.value)
    ]


def _told(symptom: Told) -> Mention:
    return Mention(
        symptom.code,
        None,
        severe=(symptom.severity or 0) >= _SEVERE_FROM,
        sudden=symptom.duration_hours is not None and symptom.duration_hours <= _SUDDEN_UP_TO_HOURS,
        severity=symptom.severity,
    )


def _signs(complaint: Complaint, mentions: Iterable[Mention], rules: Rules) -> Signs:
    signs: dict[str, tuple[Span, ...]] = {complaint.sex.value: ()}
    for measure in rules.measures:
        if measure.quantity is Quantity.AGE_MONTHS and measure.holds(complaint.age_months):
            signs[measure.sign] = ()
    for mention in mentions:
        if not is_present(mention, rules):
            continue
        qualities = [f":{SEVERE}"] * mention.severe + [f":{SUDDEN}"] * mention.sudden
        for sign in [mention.code, *(mention.code + quality for quality in qualities)]:
            signs[sign] = (*signs.get(sign, ()), *([mention.span] if mention.span else []))
    return signs


def is_present(mention: Mention, rules: Rules) -> bool:
    """Return whether a mention tells of something that is there now. A known condition stays one, whenever it began."""
    term = rules.terms.get(mention.code)
    symptom = term is None or term.system is not None
    earlier = (mention.history and symptom) or (mention.past and mention.code in rules.talked_of)
    return not mention.negated and not earlier


def _raised(flag: RedFlag, signs: Signs) -> Raised | None:
    met = [[sign for sign in sorted(group) if sign in signs] for group in flag.needs]
    if not all(met):
        return None
    spans = {span for group in met for sign in group for span in signs[sign]}
    return Raised(flag, tuple(sorted(spans, key=lambda span: (span.start, span.end))))


def _fits(mentions: Sequence[Mention], signs: Signs, danger: bool, rules: Rules) -> list[Fit]:
    applying = [adjustment for adjustment in rules.adjustments if adjustment.sign in signs]
    first = [adjustment for adjustment in applying if adjustment.effect is Effect.FIRST]
    excluded = {adjustment.department for adjustment in applying if adjustment.effect is Effect.EXCLUDE}

    fits = [fit for fit in _by_symptoms(mentions, applying, rules) if fit.department not in excluded]
    if not fits and not danger:
        known = any(mention.code in rules.terms and not mention.negated for mention in mentions)
        fits = [Fit(GENERAL_PRACTICE, 0, (Reason("", _NO_DEPARTMENT if known else _NOTHING),))]
    best = max((fit.score for fit in fits), default=0)
    fits = [fit for fit in fits if fit.score >= best * _WORTH_TELLING]
    for adjustment in first:
        fits = [_put_first(adjustment, fits), *(fit for fit in fits if fit.department != adjustment.department)]
    if danger:
        reason = Reason("", _DANGER)
        fits = [Fit(EMERGENCY, 1, (reason,)), *(fit for fit in fits if fit.department != EMERGENCY)]
    return fits[:MOST_DEPARTMENTS]


def _by_symptoms(mentions: Iterable[Mention], applying: Iterable[Adjustment], rules: Rules) -> list[Fit]:
    """Each symptom speaks for its departments, as independent signs do: 1 - product(1 - weight); the best first."""
    weights: dict[str, dict[str, float]] = {}
    for mention in mentions:
        term = rules.terms.get(mention.code)
        if term and not mention.negated:
            for department, weight in term.departments.items():
                of = weights.setdefault(department, {})
                of[term.code] = max(of.get(term.code, 0), _weighed(weight, mention))
    also = {
        adjustment.department: adjustment for adjustment in applying if adjustment.effect is Effect.ALSO and weights
    }
    fits = []
    for department in sorted(weights.keys() | also):
        by_term = weights.get(department, {})
        more = also.get(department)
        left = prod(1 - weight for weight in sorted(by_term.values())) * (1 - (more.weight if more else 0))
        ranked = sorted(by_term, key=lambda code: (-by_term[code], code))
        reasons = [_symptom_reason(code, department, rules) for code in ranked]
        reasons += [Reason("", more.reason)] if more else []
        fits.append(Fit(department, round(1 - left, 3), tuple(reasons)))
    return sorted(fits, key=lambda fit: (-fit.score, fit.department))


def _weighed(weight: float, mention: Mention) -> float:
    """A severity of 5 changes nothing; each step more or less is a twentieth."""
    severity = mention.severity or (_SEVERE_FROM if mention.severe else 5)
    return min(0.95, weight * (1 + (severity - 5) / 20))


def _symptom_reason(code: str, department: str, rules: Rules) -> Reason:
    name, scope = rules.terms[code].name, rules.scopes[department]
    if rules.terms[code].system is None:
        return Reason(code, Bilingual(f"您告知的健康状况：{scope.zh}", f"A condition that you told of: {scope.en}"))
    return Reason(code, Bilingual(f"您提到“{name.zh}”：{scope.zh}", f"You told of {name.en}: {scope.en}"))


def _put_first(adjustment: Adjustment, fits: Sequence[Fit]) -> Fit:
    same = next((fit for fit in fits if fit.department == adjustment.department), None)
    best = max((fit.score for fit in fits), default=0)
    return Fit(
        adjustment.department,
        max(best, adjustment.weight),
        (Reason("", adjustment.reason), *(same.reasons if same else ())),
    )
