"""What is learned from the training patients: `python -m benchmarks.predictors.fit` prints it, and we write it down.

`WEIGHTS` of services/glucose/domain/prediction.py are the least squares of ln g(t+20) − ln g(t) on ln g(t) − ln g(t−k).
"""

from collections.abc import Sequence
from math import log

from benchmarks.predictors.candidates import kalman, linear
from benchmarks.predictors.scores import MINUTES_AHEAD, experience, foretell, tune
from benchmarks.predictors.series import STEP_MINUTES, Series, training
from services.glucose.domain.prediction import SENSOR_RANGE_MG_PER_DL, recent, value_at


def main() -> None:
    """Print the weights for some choices of k, and the best window and jolt for their rivals."""
    people = training("G4")
    for lags in ([5], [5, 10], [5, 10, 15], [5, 10, 20], [5, 10, 15, 20]):
        print("weights", lags, [f"{weight:.3f}" for weight in weights(people, lags)])
    for name, make, choices in (
        ("linear, minutes", linear, (11, 16, 21)),
        ("Kalman, jolt", kalman, (0.1, 0.2, 0.3, 0.5, 0.8, 1.2)),
    ):
        for choice in choices:
            foretold = foretell(make(choice), people)
            rule = tune(people, foretold)
            print(name, choice, rule, f"{experience(people, foretold, rule).foretold_in_time:.3f}")


def weights(people: Sequence[Series], lags: Sequence[float]) -> list[float]:
    """How much of the change since each lag goes on for `MINUTES_AHEAD`."""
    size = len(lags)
    squares = [[0.0] * size for _ in lags]
    products = [0.0] * size
    lowest, highest = SENSOR_RANGE_MG_PER_DL
    for _, readings in people:
        shown = {round(minutes / STEP_MINUTES): value for minutes, value in readings if lowest < value < highest}
        for index, (now, mg_per_dl) in enumerate(readings):
            then = shown.get(round((now + MINUTES_AHEAD) / STEP_MINUTES))
            series = recent(readings[max(0, index - 8) : index + 1])
            if then is None or not series:
                continue
            changes = [log(mg_per_dl / value_at(series, now - lag)) for lag in lags]
            for row, change in enumerate(changes):
                products[row] += change * log(then / mg_per_dl)
                for column in range(size):
                    squares[row][column] += change * changes[column]
    return solve(squares, products)


def solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gauss's elimination of a positive definite system."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for pivot, pivot_row in enumerate(rows):
        for other in rows:
            if other is not pivot_row:
                share = other[pivot] / pivot_row[pivot]
                other[:] = [value - share * above for value, above in zip(other, pivot_row, strict=True)]
    return [row[-1] / row[index] for index, row in enumerate(rows)]


if __name__ == "__main__":
    main()
