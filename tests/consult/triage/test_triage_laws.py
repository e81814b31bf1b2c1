"""Laws of the triage, whatever the text."""

from itertools import permutations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.consult.domain.triage.model import Complaint, Sex, Suggestion, Told
from services.consult.domain.triage.suggest import MOST_DEPARTMENTS, suggest
from services.consult.store.departments import departments
from services.consult.store.triage import diagnoses, triage
from tests.consult.triage.labelled import Case, cases

ALL = list(cases())
DANGERS = [
    case for case in ALL if case.emergency and suggest(case.complaint, triage().rules, triage().vocabulary).raised
]
SYMPTOMS = [term for term in triage().rules.terms.values() if term.system]
CODES = [term.code for term in SYMPTOMS]
any_text = st.text(max_size=300)
any_case = st.sampled_from(ALL)
people = st.builds(
    Complaint,
    text=st.one_of(any_text, any_case.map(lambda case: case.complaint.text)),
    age_months=st.integers(0, 130 * 12),
    sex=st.sampled_from(Sex),
    pregnant=st.booleans(),
    symptoms=st.lists(
        st.builds(
            Told,
            st.sampled_from(CODES),
            st.none() | st.integers(0, 876_000),
            st.none() | st.integers(1, 10),
        ),
        max_size=30,
    ).map(tuple),
    conditions=st.lists(st.sampled_from(["diabetes", "diabetes_insulin", "asthma"]), unique=True).map(tuple),
)


def ask(complaint: Complaint) -> Suggestion:
    return suggest(complaint, triage().rules, triage().vocabulary)


def what_counts(answer: Suggestion) -> tuple[object, ...]:
    return (
        {raised.flag.code for raised in answer.raised},
        [(fit.department, fit.score) for fit in answer.fits],
    )


@settings(max_examples=300, deadline=None)
@given(people)
def test_every_answer_is_whole_and_names_no_disease(complaint: Complaint) -> None:
    answer = ask(complaint)
    assert 1 <= len(answer.fits) <= MOST_DEPARTMENTS
    assert len({fit.department for fit in answer.fits}) == len(answer.fits)
    for fit in answer.fits:
        assert fit.department in departments()
        assert 0 <= fit.score <= 1
        assert fit.reasons
    for mention in answer.mentions:
        if mention.span:
            assert 0 <= mention.span.start < mention.span.end <= len(complaint.text)
    said = [reason.text for fit in answer.fits for reason in fit.reasons]
    said += [raised.flag.name for raised in answer.raised]
    for words in said:
        assert not [word for word in diagnoses() if word in words.zh or word in words.en.casefold()]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=2000), st.integers(0, 1560))
def test_no_text_is_too_strange(text: str, age_months: int) -> None:
    assert ask(Complaint(text, age_months)).fits


@settings(max_examples=100, deadline=None)
@given(st.lists(any_case, min_size=2, max_size=3, unique_by=lambda case: case.complaint.text), st.data())
def test_the_order_of_sentences_does_not_matter(chosen: list[Case], data: st.DataObject) -> None:
    texts = [case.complaint.text for case in chosen]
    answers = [what_counts(ask(Complaint("。\n".join(order), 480))) for order in permutations(texts)]
    assert all(answer == answers[0] for answer in answers)


@settings(max_examples=150, deadline=None)
@given(
    any_case,
    st.sampled_from(["没有耳鸣。", "No ringing in my ears.", "否认便秘、脱发。", "denies hair loss and constipation."]),
)
def test_something_else_denied_changes_nothing(case: Case, denial: str) -> None:
    complaint = case.complaint
    more = Complaint(
        f"{denial}\n{complaint.text}。{denial}",
        complaint.age_months,
        complaint.sex,
        complaint.pregnant,
        conditions=complaint.conditions,
    )
    assume({"tinnitus", "constipation", "hair_loss"}.isdisjoint(mention.code for mention in ask(complaint).mentions))
    assert what_counts(ask(more)) == what_counts(ask(complaint))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(DANGERS), any_text, any_text)
def test_an_emergency_stays_one_whatever_stands_around_it(case: Case, before: str, after: str) -> None:
    complaint = case.complaint
    around = Complaint(
        f"{before}\n{complaint.text}\n{after}",
        complaint.age_months,
        complaint.sex,
        complaint.pregnant,
        conditions=complaint.conditions,
    )
    assert {raised.flag.code for raised in ask(complaint).raised} <= {raised.flag.code for raised in ask(around).raised}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(CODES), max_size=6), st.sampled_from(CODES))
def test_one_more_symptom_never_takes_an_emergency_away(codes: list[str], more: str) -> None:
    fewer = ask(Complaint("", 480, symptoms=tuple(map(Told, codes))))
    added = ask(Complaint("", 480, symptoms=tuple(map(Told, [*codes, more]))))
    assert {raised.flag.code for raised in fewer.raised} <= {raised.flag.code for raised in added.raised}
