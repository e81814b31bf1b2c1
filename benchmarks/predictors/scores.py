"""How a predictor is tuned, and what it is worth."""

from collections.abc import Sequence
from math import sqrt
from time import perf_counter
from typing import NamedTuple

from benchmarks.predictors.candidates import Predictor
from benchmarks.predictors.experience import URGENT_LOW_MG_PER_DL, Experience, Rule, live
from benchmarks.predictors.series import STEP_MINUTES, Series
from services.glucose.domain.prediction import HISTORY_MINUTES, SENSOR_RANGE_MG_PER_DL

MINUTES_AHEAD = 20
MOST_FALSE_ALERTS_A_DAY = 0.5
"""What a rule may cost a training patient."""
NEAR_LOW_MG_PER_DL = 100
RULES = [Rule(half / 2, in_a_row) for half in range(-20, 21) for in_a_row in (1, 2)]

type Foretold = list[list[float | None]]
"""What was predicted at each reading of each series."""


def foretell(predictor: Predictor, people: Sequence[Series]) -> Foretold:
    """Predict at every reading, from what was known then."""
    foretold: Foretold = []
    for _, readings in people:
        oldest, predicted = 0, []
        for index, (now, _) in enumerate(readings):
            while now - readings[oldest][0] > HISTORY_MINUTES:
                oldest += 1
            predicted.append(predictor(readings[oldest : index + 1], MINUTES_AHEAD))
        foretold.append(predicted)
    return foretold


def in_hindsight(people: Sequence[Series], foretold: Foretold, most_false_alerts_a_day: float) -> float:
    """The share foretold in time by the best rule for these very people: compares at equally many false alerts."""
    lived = (experience(people, foretold, rule) for rule in RULES)
    return max((one.foretold_in_time for one in lived if one.false_alerts_a_day <= most_false_alerts_a_day), default=0)


def experience(people: Sequence[Series], foretold: Foretold, rule: Rule) -> Experience:
    """What all of them lived through."""
    lived = Experience()
    for (_, readings), predicted in zip(people, foretold, strict=True):
        live(lived, readings, predicted, rule)
    return lived


def tune(people: Sequence[Series], foretold: Foretold) -> Rule:
    """The rule that foretells the most events in time, for at most `MOST_FALSE_ALERTS_A_DAY`."""
    lived = {rule: experience(people, foretold, rule) for rule in RULES}
    return max(
        (rule for rule in RULES if lived[rule].false_alerts_a_day <= MOST_FALSE_ALERTS_A_DAY),
        key=lambda rule: (lived[rule].foretold_in_time, -lived[rule].false_alerts_a_day),
    )


class Error(NamedTuple):
    """Root mean square of predicted − shown, mg/dL, where the sensor showed a value then."""

    overall: float
    near_low: float
    """Where glucose was above the threshold and at most `NEAR_LOW_MG_PER_DL`."""


def error(people: Sequence[Series], foretold: Foretold) -> Error:
    """How far off the predictions were."""
    squares: list[tuple[float, float]] = []
    lowest, highest = SENSOR_RANGE_MG_PER_DL
    for (_, readings), predicted in zip(people, foretold, strict=True):
        shown = {round(minutes / STEP_MINUTES): value for minutes, value in readings if lowest < value < highest}
        for (now, mg_per_dl), value in zip(readings, predicted, strict=True):
            then = shown.get(round((now + MINUTES_AHEAD) / STEP_MINUTES))
            if value is not None and then is not None:
                squares.append((mg_per_dl, (value - then) ** 2))
    near = [square for now, square in squares if URGENT_LOW_MG_PER_DL < now <= NEAR_LOW_MG_PER_DL]
    return Error(root_mean([square for _, square in squares]), root_mean(near))


def root_mean(squares: Sequence[float]) -> float:
    """0 of none."""
    return sqrt(sum(squares) / max(len(squares), 1))


def microseconds(predictor: Predictor, people: Sequence[Series]) -> float:
    """What a call costs; with the slicing of the history around it."""
    began = perf_counter()
    foretell(predictor, people)
    return (perf_counter() - began) / sum(len(readings) for _, readings in people) * 1e6
