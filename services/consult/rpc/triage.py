"""`apricot.consult.v1.TriageService`. Nothing of a request is kept or logged."""

from apricot.consult.v1 import triage_pb2
from apricot.consult.v1.triage_pb2 import BodySystem
from apricot.identity.v1.account_pb2 import SEX_FEMALE, SEX_MALE

from kit.call import Call
from kit.errors import invalid_field
from services.consult.domain.triage.model import (
    Bilingual,
    Complaint,
    Fit,
    Mention,
    Raised,
    Rules,
    Sex,
    Span,
    Suggestion,
    Told,
)
from services.consult.domain.triage.suggest import is_present, suggest
from services.consult.store.departments import departments
from services.consult.store.triage import Triage as Knowledge

_CAUTION = Bilingual(
    "这里只按您写下的词语推荐科室，可能有没读懂的地方，不能排除危险。如果情况严重、突然或正在加重，请立即拨打120。",
    "This only matches your words with departments and may have missed some; it rules no danger out. "
    "If it is bad, sudden or getting worse, call 120 now.",
)
_SEXES = {SEX_FEMALE: Sex.FEMALE, SEX_MALE: Sex.MALE}


class Triage:
    """Which department fits, and whether to call for help at once."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._rules, self._vocabulary = knowledge.rules, knowledge.vocabulary

    async def SuggestDepartment(
        self, request: triage_pb2.SuggestDepartmentRequest, call: Call
    ) -> triage_pb2.SuggestDepartmentResponse:
        if not request.text.strip() and not request.symptoms:
            raise invalid_field("text", "a text or a symptom is needed")
        _require_known(request, self._rules)
        suggestion = suggest(_complaint(request), self._rules, self._vocabulary)
        return _answer(suggestion, request.text, self._rules)

    async def ListSymptoms(
        self, request: triage_pb2.ListSymptomsRequest, call: Call
    ) -> triage_pb2.ListSymptomsResponse:
        answer = triage_pb2.ListSymptomsResponse()
        for term in self._rules.terms.values():
            if term.system is None:
                answer.conditions.add(code=term.code, name_zh=term.name.zh, name_en=term.name.en)
            else:
                system = BodySystem.Value(f"BODY_SYSTEM_{term.system.name}")
                answer.symptoms.add(code=term.code, name_zh=term.name.zh, name_en=term.name.en, system=system)
        answer.symptoms.sort(key=lambda symptom: symptom.system)
        return answer


def _require_known(request: triage_pb2.SuggestDepartmentRequest, rules: Rules) -> None:
    """Errors: INVALID_FIELD."""
    for place, symptom in enumerate(request.symptoms):
        term = rules.terms.get(symptom.code)
        if term is None or term.system is None:
            raise invalid_field(f"symptoms[{place}].code", "no such symptom")
    for place, code in enumerate(request.condition_codes):
        term = rules.terms.get(code)
        if term is None or term.system is not None:
            raise invalid_field(f"condition_codes[{place}]", "no such condition")


def _complaint(request: triage_pb2.SuggestDepartmentRequest) -> Complaint:
    return Complaint(
        text=request.text,
        age_months=request.age_months if request.HasField("age_months") else request.age_years * 12,
        sex=_SEXES.get(request.sex, Sex.UNKNOWN),
        pregnant=request.pregnant,
        symptoms=tuple(
            Told(
                symptom.code,
                symptom.duration_hours if symptom.HasField("duration_hours") else None,
                symptom.severity if symptom.HasField("severity") else None,
            )
            for symptom in request.symptoms
        ),
        conditions=tuple(request.condition_codes),
    )


def _answer(suggestion: Suggestion, text: str, rules: Rules) -> triage_pb2.SuggestDepartmentResponse:
    return triage_pb2.SuggestDepartmentResponse(
        emergency=_emergency(suggestion, text, rules) if suggestion.raised else None,
        departments=map(_department, suggestion.fits),
        recognized=[
            _recognized(mention, text, rules) for mention in suggestion.mentions if mention.code in rules.terms
        ],
        caution_zh=_CAUTION.zh,
        caution_en=_CAUTION.en,
    )


def _emergency(suggestion: Suggestion, text: str, rules: Rules) -> triage_pb2.Emergency:
    phone_numbers = max((raised.flag.phone_numbers for raised in suggestion.raised), key=len)
    advice = rules.advice[phone_numbers]
    return triage_pb2.Emergency(
        red_flags=[_red_flag(raised, text) for raised in suggestion.raised],
        advice_zh=advice.zh,
        advice_en=advice.en,
        phone_numbers=phone_numbers,
    )


def _red_flag(raised: Raised, text: str) -> triage_pb2.RedFlag:
    flag = raised.flag
    words = [text[span.start : span.end] for span in raised.spans]
    return triage_pb2.RedFlag(
        code=flag.code, name_zh=flag.name.zh, name_en=flag.name.en, words=words, source=flag.source
    )


def _department(fit: Fit) -> triage_pb2.SuggestedDepartment:
    department = departments()[fit.department]
    return triage_pb2.SuggestedDepartment(
        code=department.code,
        name_zh=department.name,
        name_en=department.name_en,
        score=fit.score,
        reasons=[
            triage_pb2.DepartmentReason(symptom_code=reason.code, text_zh=reason.text.zh, text_en=reason.text.en)
            for reason in fit.reasons
        ],
    )


def _recognized(mention: Mention, text: str, rules: Rules) -> triage_pb2.Recognized:
    name = rules.terms[mention.code].name
    return triage_pb2.Recognized(
        code=mention.code,
        name_zh=name.zh,
        name_en=name.en,
        span=_span(mention.span, text) if mention.span else None,
        negated=mention.negated,
        severe=mention.severe,
        sudden=mention.sudden,
        past=not mention.negated and not is_present(mention, rules),
    )


def _span(span: Span, text: str) -> triage_pb2.TextSpan:
    return triage_pb2.TextSpan(start=span.start, end=span.end, words=text[span.start : span.end])
