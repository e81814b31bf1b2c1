"""Risk of low and of high glucose. g in mg/dL."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from services.glucose.domain.metrics import Floats, Ints
from services.glucose.domain.metrics.bands import Band, Share, percent_in


def _risk(g: Floats) -> tuple[Floats, Floats]:
    """Low and high risk of each reading: 10·f² where f < 0, and where f > 0; else 0.

    f = 1.509·(ln(g)^1.084 − 5.381) makes the scale of glucose symmetric about 112.5 mg/dL (Kovatchev 1997,
    doi 10.2337/diacare.20.11.1655).
    """
    f = 1.509 * (np.log(g) ** 1.084 - 5.381)
    return 10 * np.minimum(f, 0) ** 2, 10 * np.maximum(f, 0) ** 2


def low_blood_glucose_index(g: Floats) -> float | None:
    """LBGI: the mean of the low risks (Kovatchev 1998, doi 10.2337/diacare.21.11.1870)."""
    return float(np.mean(_risk(g)[0])) if len(g) else None


def high_blood_glucose_index(g: Floats) -> float | None:
    """HBGI: the mean of the high risks (Kovatchev 2006, doi 10.2337/dc06-1085)."""
    return float(np.mean(_risk(g)[1])) if len(g) else None


def average_daily_risk_range(g: Floats, local_day: Ints) -> float | None:
    """ADRR: the mean over local days of the day's highest low risk and its highest high risk together (Kovatchev 2006,
    doi 10.2337/dc06-1085)."""
    if not len(g):
        return None
    low, high = _risk(g)
    worst = pd.DataFrame({"low": low, "high": high}).groupby(local_day).max()
    return float((worst["low"] + worst["high"]).mean())


@dataclass(frozen=True)
class GlycemiaRisk:
    """The glycemia risk index and its components."""

    index: float
    hypo_component: float
    hyper_component: float


def glycemia_risk(shares: list[Share]) -> GlycemiaRisk:
    """GRI = min(100, 3.0·hypo + 1.6·hyper), where hypo = %<54 + 0.8·%54–69 and hyper = %>250 + 0.5·%181–250, by the
    bands 54, 70, 180, 250 whatever the targets (Klonoff 2022, doi 10.1177/19322968221085273)."""
    hypo = percent_in(shares, (Band.VERY_LOW,)) + 0.8 * percent_in(shares, (Band.LOW,))
    hyper = percent_in(shares, (Band.VERY_HIGH,)) + 0.5 * percent_in(shares, (Band.HIGH,))
    return GlycemiaRisk(min(100.0, 3.0 * hypo + 1.6 * hyper), hypo, hyper)
