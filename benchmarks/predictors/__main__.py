"""`python -m benchmarks.predictors` compares the predictors of "urgent low soon": the tables of docs/adr/0008."""

from benchmarks.predictors.candidates import CANDIDATES, Predictor
from benchmarks.predictors.experience import Rule
from benchmarks.predictors.scores import error, experience, foretell, in_hindsight, microseconds, tune
from benchmarks.predictors.series import Series, every_15_minutes, real, testing, training

HEAD = (
    "| predictor | margin | in a row | foretold | ≥ 10 min before | older alert | median lead "
    "| false a day | came true | error | near a low |"
)
FALSE_ALERTS_A_DAY = (0.3, 0.4, 0.5)


def main() -> None:
    """Tune each on the training patients, and print what the others and real people lived through."""
    learners, people = training("G4"), testing("G4")
    others = {
        "GuardianRT": testing("GuardianRT"),
        "every 15 min": [every_15_minutes(series) for series in people],
        "Hall 2018": real(),
    }
    rules = {name: tune(learners, foretell(predictor, learners)) for name, predictor in CANDIDATES.items()}
    print(HEAD)
    print("|---|" + "--:|" * 10)
    for name, predictor in CANDIDATES.items():
        print(row(name, predictor, rules[name], people))
    print()
    columns = ["predictor", "steep falls", *others, *(f"≤ {most}" for most in FALSE_ALERTS_A_DAY), "µs a call"]
    print(f"| {' | '.join(columns)} |")
    print("|---|" + "--:|" * (len(columns) - 1))
    for name, predictor in CANDIDATES.items():
        foretold = foretell(predictor, people)
        steep = [event for event in experience(people, foretold, rules[name]).events if event.is_steep]
        cells = [f"{sum(event.is_foretold_in_time for event in steep)} of {len(steep)}"]
        cells += [elsewhere(predictor, rules[name], series) for series in others.values()]
        cells += [f"{in_hindsight(people, foretold, most):.0%}" for most in FALSE_ALERTS_A_DAY]
        print(f"| {name} | {' | '.join(cells)} | {microseconds(predictor, people):.0f} |")


def row(name: str, predictor: Predictor, rule: Rule, people: list[Series]) -> str:
    """A line of the first table."""
    foretold = foretell(predictor, people)
    lived, off = experience(people, foretold, rule), error(people, foretold)
    return (
        f"| {name} | {rule.margin_mg_per_dl:+.1f} | {rule.readings_in_a_row} "
        f"| {lived.foretold:.0%} | {lived.foretold_in_time:.0%} | {lived.under_older_alert:.0%} "
        f"| {lived.median_lead_minutes:.0f} min | {lived.false_alerts_a_day:.2f} | {lived.precision:.0%} "
        f"| {off.overall:.1f} | {off.near_low:.1f} |"
    )


def elsewhere(predictor: Predictor, rule: Rule, people: list[Series]) -> str:
    """A cell of the second: with the same rule, on other readings."""
    foretold = foretell(predictor, people)
    lived = experience(people, foretold, rule)
    in_time = sum(event.is_foretold_in_time for event in lived.events)
    return f"{in_time} of {len(lived.events)}, {lived.false_alerts_a_day:.2f}, {error(people, foretold).overall:.1f}"


if __name__ == "__main__":
    main()
