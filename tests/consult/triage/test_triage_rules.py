"""What the triage reads in a text, and what it makes of it."""

import pytest

from services.consult.domain.triage.model import Complaint, Sex, Suggestion, Told
from services.consult.domain.triage.suggest import suggest
from services.consult.store.triage import triage

YEAR = 12


def ask(text: str = "", age_months: int = 40 * YEAR, sex: Sex = Sex.UNKNOWN, **more: object) -> Suggestion:
    complaint = Complaint(text, age_months, sex, **more)  # type: ignore[arg-type]
    return suggest(complaint, triage().rules, triage().vocabulary)


def present(text: str) -> set[str]:
    return {mention.code for mention in ask(text).mentions if not mention.negated}


def denied(text: str) -> set[str]:
    return {mention.code for mention in ask(text).mentions if mention.negated}


def flags(text: str, age_months: int = 40 * YEAR, sex: Sex = Sex.UNKNOWN, **more: object) -> set[str]:
    return {raised.flag.code for raised in ask(text, age_months, sex, **more).raised}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("没有发烧", "fever"),
        ("没发烧", "fever"),
        ("不发烧", "fever"),
        ("头不痛", "headache"),
        ("发烧：没有", "fever"),
        ("否认胸痛", "chest_pain"),
        ("no fever", "fever"),
        ("denies chest pain", "chest_pain"),
        ("I don't have any chest pain", "chest_pain"),
        ("my chest doesn't hurt", "chest_pain"),
        ("fever: none", "fever"),
        ("without a cough", "cough"),
    ],
)
def test_what_is_denied_does_not_count(text: str, code: str) -> None:
    assert code in denied(text)
    assert code not in present(text)


@pytest.mark.parametrize(
    ("text", "there", "absent"),
    [
        ("没有发烧和咳嗽", set(), {"fever", "cough"}),
        ("无发热、咳嗽、胸痛", set(), {"fever", "cough", "chest_pain"}),
        ("没有发烧，咳嗽三天", {"cough"}, {"fever"}),
        ("没有发烧，但是胸痛", {"chest_pain"}, {"fever"}),
        ("no fever, cough or chest pain", set(), {"fever", "cough", "chest_pain"}),
        ("no fever but chest pain", {"chest_pain"}, {"fever"}),
        ("no fever and my chest hurts", {"chest_pain"}, {"fever"}),
        ("no fever my chest hurts", {"chest_pain"}, {"fever"}),
        ("denies fever and cough", set(), {"fever", "cough"}),
        ("不仅头痛还恶心", {"headache", "nausea"}, set()),
        ("不知道为什么头痛", {"headache"}, set()),
    ],
)
def test_how_far_a_negation_reaches(text: str, there: set[str], absent: set[str]) -> None:
    assert there <= present(text)
    assert absent <= denied(text)
    assert not absent & present(text)


def test_one_mention_that_stands_is_enough() -> None:
    assert flags("No chest pain yesterday. Today chest pain and sweating.")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("体温39.5度", "fever"),
        ("39度5", "fever"),
        ("烧到三十九度", "fever"),
        ("temp 104F", "fever"),
        ("fever of 103", "fever"),
        ("３９．２℃", "fever"),
        ("血糖2.8", "low_glucose"),
        ("blood sugar 45 mg/dl", "low_glucose"),
        ("sugar is 38", "low_glucose"),
        ("血糖 16.8", "high_glucose"),
        ("blood sugar 300", "high_glucose"),
        ("血压190/120", "high_blood_pressure"),
    ],
)
def test_values_are_read(text: str, code: str) -> None:
    assert code in present(text)


@pytest.mark.parametrize("text", ["体温36.5度", "temp 98.4F", "血糖5.2", "bp 118/75", "35岁", "3小时"])
def test_ordinary_values_tell_nothing(text: str) -> None:
    assert not present(text) & {"fever", "low_glucose", "high_blood_pressure"}
    assert not ask(text).raised


@pytest.mark.parametrize(
    "text",
    [
        "ＣＨＥＳＴ　ＰＡＩＮ",
        "Chest Pain",
        "my chest is really hurting",
        "pain in my chest",
        "胸口很痛",
        "胸口特别疼",
        "頭暈胸痛",
    ],
)
def test_writing_does_not_matter(text: str) -> None:
    assert "chest_pain" in present(text)


def test_a_slip_of_the_pen_is_read_through() -> None:
    assert "diarrhoea" in present("diarhea")
    assert "headache" in present("headahce")
    assert "vomiting" in present("vomitting")


def test_the_span_is_the_text_as_it_came() -> None:
    text = "医生，我ＣＯＵＧＨ和拉肚子😀，it's my CHEST that really hurts"
    words = {
        mention.code: text[mention.span.start : mention.span.end] for mention in ask(text).mentions if mention.span
    }
    assert words["cough"] == "ＣＯＵＧＨ"
    assert words["diarrhoea"] == "拉肚子"
    assert words["chest_pain"] == "CHEST that really hurts"


def test_age_and_pregnancy_come_first_and_the_organ_second() -> None:
    child = ask("皮疹", 5 * YEAR).fits
    assert [fit.department for fit in child][:2] == ["paediatrics", "dermatology"]
    assert ask("皮疹", 14 * YEAR).fits[0].department == "dermatology"
    mother = ask("皮疹", 30 * YEAR, Sex.FEMALE, pregnant=True).fits
    assert [fit.department for fit in mother][:2] == ["obstetrics", "dermatology"]
    assert ask("怀孕了，皮疹", 30 * YEAR, Sex.FEMALE).fits[0].department == "obstetrics"


def test_departments_for_the_other_sex_are_left_out() -> None:
    assert all(fit.department != "gynaecology" for fit in ask("白带异常", sex=Sex.MALE).fits)
    assert all(fit.department != "andrology" for fit in ask("勃起困难", sex=Sex.FEMALE).fits)
    assert ask("白带异常").fits[0].department == "gynaecology"


def test_pregnancy_and_diabetes_change_what_symptoms_mean() -> None:
    assert not flags("下面流血", 30 * YEAR, Sex.FEMALE)
    assert "pregnant_bleeding" in flags("下面流血", 30 * YEAR, Sex.FEMALE, pregnant=True)
    assert "insulin_confused" in flags("人有点迷糊", 60 * YEAR, conditions=("diabetes_insulin",))


def test_a_fever_is_an_emergency_under_three_months_alone() -> None:
    assert "young_infant_fever" in flags("发烧38.0度", 2)
    assert not flags("发烧38.0度", 3)


def test_symptoms_by_code_have_severity_and_duration() -> None:
    pain = ask(symptoms=(Told("testicle_pain", duration_hours=3),), age_months=30 * YEAR)
    assert [raised.flag.code for raised in pain.raised] == ["testicle"]
    assert not ask(symptoms=(Told("testicle_pain", duration_hours=300),), age_months=30 * YEAR).raised
    assert ask(symptoms=(Told("abdominal_pain", severity=8),)).raised
    weak, strong = [ask(symptoms=(Told("cough", severity=severity),)).fits[0].score for severity in (2, 7)]
    assert weak < strong


def test_severe_and_sudden_are_read_in_the_clause() -> None:
    assert "severe_abdominal_pain" in flags("肚子剧烈疼痛")
    assert "severe_abdominal_pain" in flags("肚子痛，受不了了")
    assert "severe_abdominal_pain" not in flags("肚子痛，不是很厉害")
    assert "thunderclap" in flags("sudden severe headache")


def test_nothing_recognized_is_general_practice_with_that_reason() -> None:
    (only,) = ask("天气不错").fits
    assert only.department == "general_practice"
    assert only.score == 0
    assert "没有识别" in only.reasons[0].text.zh


@pytest.mark.parametrize(
    "text",
    [
        "过敏性休克",
        "過敏性休克",
        "anaphylaxis",
        "anaphylactic shock",
        "haemoptysis",
        "hemoptysis",
        "coughing blood and short of breath",
        "咳血 气短",
        "haematemesis",
        "hematemesis",
        "dyspnoea at rest",
        "dyspnea at rest",
        "咳出大量鮮血",
        "媽媽昏迷不醒",
    ],
)
def test_named_emergencies_raise_a_red_flag(text: str) -> None:
    assert flags(text)


@pytest.mark.parametrize(
    "text",
    [
        "history of anaphylaxis",
        "had anaphylaxis as a child",
        "以前有过过敏性休克",
        "前年脑梗过，来复查",
        "my father died of a heart attack",
        "how do I prevent a stroke",
        "hemoptysis five years ago",
    ],
)
def test_earlier_emergencies_raise_no_red_flag(text: str) -> None:
    assert not flags(text)


@pytest.mark.parametrize(
    "text",
    [
        "history of asthma and I can't breathe",
        "I had a stroke last year and now another stroke",
        "以前有过过敏性休克，现在又喘不上气，全身起疹子",
        "既往有冠心病，胸痛冒冷汗",
        "history of anaphylaxis, ate peanuts and my throat is closing",
        "去年脑梗过，今天突然又嘴歪了",
    ],
)
def test_history_does_not_hide_a_present_emergency(text: str) -> None:
    assert flags(text)


def test_earlier_emergency_still_leads_to_its_department() -> None:
    assert "neurology" in {fit.department for fit in ask("既往脑梗病史").fits}


def test_fast_pulse_with_faintness_raises_a_red_flag() -> None:
    assert "very_fast_pulse" in flags("心率170，头晕")
    assert "very_fast_pulse" not in flags("心率72，头晕")
