"""The triage as an app calls it: through the gateway."""

from contextlib import suppress

import pytest
from apricot.consult.v1.triage_pb2 import ListSymptomsRequest, SuggestDepartmentRequest, ToldSymptom
from apricot.errors.v1.reason_pb2 import REASON_INVALID_FIELD
from apricot.identity.v1.account_pb2 import SEX_FEMALE, SEX_MALE

from clients.sdk import ApricotError
from stack.platform import Platform
from tests.people import People, Person


@pytest.fixture(scope="module")
async def patient(people: People) -> Person:
    return await people.patient()


async def test_a_complaint_gets_departments_with_reasons(patient: Person) -> None:
    text = "拉肚子两天了，没有发烧"
    answer = await patient.session.triage.SuggestDepartment(
        SuggestDepartmentRequest(text=text, age_years=30, sex=SEX_FEMALE)
    )
    assert not answer.HasField("emergency")
    assert answer.departments[0].code == "gastroenterology"
    assert answer.departments[0].name_zh == "消化内科"
    assert "腹泻" in answer.departments[0].reasons[0].text_zh
    assert 0 < answer.departments[0].score <= 1
    diarrhoea, fever = answer.recognized
    assert (diarrhoea.code, diarrhoea.negated, diarrhoea.span.words) == ("diarrhoea", False, "拉肚子")
    assert text[diarrhoea.span.start : diarrhoea.span.end] == diarrhoea.span.words
    assert (fever.code, fever.negated) == ("fever", True)


async def test_a_red_flag_comes_before_all_else(patient: Person) -> None:
    answer = await patient.session.triage.SuggestDepartment(
        SuggestDepartmentRequest(text="Chest pain, sweating all over", age_years=60, sex=SEX_MALE)
    )
    assert answer.emergency.phone_numbers == ["120"]
    assert "120" in answer.emergency.advice_zh
    assert "120" in answer.emergency.advice_en
    assert answer.departments[0].code == "emergency"
    flag = next(flag for flag in answer.emergency.red_flags if flag.code == "chest_pain_with_danger_signs")
    assert list(flag.words) == ["Chest pain", "sweating"]
    assert flag.source


async def test_thoughts_of_suicide_are_told_of_both_lines(patient: Person) -> None:
    answer = await patient.session.triage.SuggestDepartment(SuggestDepartmentRequest(text="我不想活了", age_years=20))
    assert answer.emergency.phone_numbers == ["120", "12356"]
    assert "12356" in answer.emergency.advice_zh


async def test_symptoms_by_code_alone(patient: Person) -> None:
    listed = await patient.session.triage.ListSymptoms(ListSymptomsRequest())
    assert 250 <= len(listed.symptoms) <= 500
    assert [symptom.system for symptom in listed.symptoms] == sorted(symptom.system for symptom in listed.symptoms)
    assert {"pregnant", "diabetes_insulin"} <= {condition.code for condition in listed.conditions}
    mild, severe = [
        await patient.session.triage.SuggestDepartment(
            SuggestDepartmentRequest(symptoms=[ToldSymptom(code="abdominal_pain", severity=severity)], age_years=40)
        )
        for severity in (3, 9)
    ]
    assert not mild.HasField("emergency")
    assert mild.departments[0].code == "gastroenterology"
    assert severe.HasField("emergency")
    assert not severe.emergency.red_flags[0].words


async def test_nothing_recognized_is_said_as_that(patient: Person) -> None:
    answer = await patient.session.triage.SuggestDepartment(SuggestDepartmentRequest(text="你好", age_years=40))
    assert [department.code for department in answer.departments] == ["general_practice"]
    assert "没有识别" in answer.departments[0].reasons[0].text_zh
    assert "120" in answer.caution_zh
    assert "120" in answer.caution_en


BAD = {
    "nothing told": (SuggestDepartmentRequest(age_years=30), "text"),
    "blank text": (SuggestDepartmentRequest(text=" \n", age_years=30), "text"),
    "long text": (SuggestDepartmentRequest(text="痛" * 2001, age_years=30), "text"),
    "unknown symptom": (
        SuggestDepartmentRequest(symptoms=[ToldSymptom(code="bad_luck")], age_years=30),
        "symptoms[0].code",
    ),
    "a condition as a symptom": (
        SuggestDepartmentRequest(symptoms=[ToldSymptom(code="diabetes")], age_years=30),
        "symptoms[0].code",
    ),
    "unknown condition": (
        SuggestDepartmentRequest(text="头痛", age_years=30, condition_codes=["headache"]),
        "condition_codes[0]",
    ),
    "too many symptoms": (
        SuggestDepartmentRequest(symptoms=[ToldSymptom(code="cough")] * 31, age_years=30),
        "symptoms",
    ),
    "severity 11": (
        SuggestDepartmentRequest(symptoms=[ToldSymptom(code="cough", severity=11)], age_years=30),
        "symptoms[0].severity",
    ),
    "131 years": (SuggestDepartmentRequest(text="头痛", age_years=131), "age_years"),
    "minus one year": (SuggestDepartmentRequest(text="头痛", age_years=-1), "age_years"),
    "36 months": (SuggestDepartmentRequest(text="头痛", age_months=36), "age_months"),
    "no age": (SuggestDepartmentRequest(text="头痛"), "age"),
}


@pytest.mark.parametrize(("request_", "field"), BAD.values(), ids=BAD)
async def test_what_breaks_the_contract_is_refused_with_its_field(
    patient: Person, request_: SuggestDepartmentRequest, field: str
) -> None:
    with pytest.raises(ApricotError) as refused:
        await patient.session.triage.SuggestDepartment(request_)
    assert refused.value.reason == REASON_INVALID_FIELD
    assert refused.value.violations[0].field == field


async def test_nothing_of_a_complaint_is_logged(patient: Person, platform: Platform) -> None:
    words = "quoll-ache-behind-the-moon"
    for request in (
        SuggestDepartmentRequest(text=words, age_years=30),
        SuggestDepartmentRequest(text=words, age_years=500),
        SuggestDepartmentRequest(symptoms=[ToldSymptom(code=words)], age_years=30),
    ):
        with suppress(ApricotError):
            await patient.session.triage.SuggestDepartment(request)
    for log in platform.state.logs.iterdir():
        assert words not in log.read_text(errors="replace"), log.name
