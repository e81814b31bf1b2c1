"""What the demo's patients ask, and what the clinician answers."""

from dataclasses import dataclass

from apricot.consult.v1.consultation_pb2 import DiagnosisCode, Outcome


@dataclass(frozen=True)
class Step:
    """Something said or shown."""

    text: str = ""
    by_clinician: bool = False
    hours_shown: int = 0
    """A window of readings, up to now; 0: none, it is said."""


@dataclass(frozen=True)
class Script:
    """One consultation, after it was opened."""

    complaint: str
    steps: tuple[Step, ...]
    outcome: Outcome
    stars: int
    comment: str
    department_code: str = "endocrinology"


def _doctor(text: str) -> Step:
    return Step(text, by_clinician=True)


_TYPE_1 = DiagnosisCode(code="E10.9", description="Type 1 diabetes mellitus without complications")

SCRIPTS = (
    Script(
        complaint="My sugar is high every morning, though I go to bed with a good value.",
        steps=(
            _doctor("Good day. Since when, and at what time do you go to bed?"),
            Step("For about two weeks. I sleep from eleven to half past six."),
            _doctor("Please show me your last night."),
            Step(hours_shown=12),
            _doctor("Thank you. It is level until four and climbs from there: that looks like the dawn phenomenon."),
            Step("Should I take more in the evening?"),
            _doctor("No change yet. Keep the sensor on, and eat dinner before eight for a week. Then we look again."),
            Step("I will. Thank you, doctor!"),
        ),
        outcome=Outcome(
            summary="Fasting hyperglycaemia since two weeks; level until 04:00, then rising.",
            diagnoses=[_TYPE_1],
            advice="Dinner before 20:00 for one week, sensor on through the nights; then another look.",
        ),
        stars=5,
        comment="Looked at my curve with me, and explained it.",
    ),
    Script(
        complaint="I went low after badminton twice this week. What should I do before playing?",
        steps=(
            _doctor("Good that you ask. What do you eat before, and when is your last bolus?"),
            Step("Nothing, I come from work. Lunch is at twelve, I play at six."),
            _doctor("May I see today?"),
            Step(hours_shown=6),
            _doctor("You start at the lower end. Take 20 g of carbohydrate if you are below 7 mmol/L before you play."),
            Step("And afterwards?"),
            _doctor("Check before you sleep: sport lowers for hours. Have juice at hand, always."),
            Step("Understood."),
        ),
        outcome=Outcome(
            summary="Hypoglycaemia after exercise, twice; starts below 7 mmol/L without food since noon.",
            diagnoses=[_TYPE_1],
            advice="20 g carbohydrate below 7 mmol/L before sport; a check before sleep; fast sugar at hand.",
        ),
        stars=5,
        comment="Quick and clear.",
    ),
    Script(
        complaint="Noodles at lunch send me up for hours. Is it the noodles or my timing?",
        steps=(
            _doctor("Let us look. How long before the meal do you inject?"),
            Step("When the bowl is on the table."),
            Step(hours_shown=6),
            _doctor("The rise begins at once and the insulin comes half an hour late. Timing first, noodles second."),
            Step("So earlier?"),
            _doctor("Fifteen minutes before, if you are not low, and vegetables first. Write to me in three days."),
            Step("I will try it tomorrow."),
        ),
        outcome=Outcome(
            summary="Postprandial rise after noodles; bolus at the start of the meal.",
            diagnoses=[_TYPE_1],
            advice="Bolus 15 minutes before lunch when not low; vegetables first. Again in three days.",
        ),
        stars=4,
        comment="Good answer, I waited a few minutes.",
    ),
)
