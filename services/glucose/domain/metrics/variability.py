"""Mean and spread, and what follows from these two alone. g in mg/dL."""

import numpy as np

from services.glucose.domain.metrics import Floats


def mean(g: Floats) -> float | None:
    """Arithmetic mean, mg/dL."""
    return float(np.mean(g)) if len(g) else None


def standard_deviation(g: Floats) -> float | None:
    """sd = √(Σ(g − mean)² / (n − 1)), mg/dL; from two readings on."""
    return float(np.std(g, ddof=1)) if len(g) > 1 else None


def coefficient_of_variation(g: Floats) -> float | None:
    """CV = 100·sd/mean, percent; at most 36 is stable (Danne 2017, doi 10.2337/dc17-1600)."""
    sd = standard_deviation(g)
    return None if sd is None else 100 * sd / float(np.mean(g))


def glucose_management_indicator(g: Floats) -> float | None:
    """GMI = 3.31 + 0.02392·mean, percent (Bergenstal 2018, doi 10.2337/dc18-1581)."""
    return 3.31 + 0.02392 * float(np.mean(g)) if len(g) else None


def estimated_a1c(g: Floats) -> float | None:
    """eA1c = (mean + 46.7)/28.7, percent (Nathan 2008, doi 10.2337/dc08-0545)."""
    return (float(np.mean(g)) + 46.7) / 28.7 if len(g) else None


def j_index(g: Floats) -> float | None:
    """J = 0.001·(mean + sd)² (Wojcicki 1995, Horm Metab Res 27:41)."""
    sd = standard_deviation(g)
    return None if sd is None else 0.001 * (float(np.mean(g)) + sd) ** 2


def quantile(g: Floats, share: float) -> float | None:
    """The value below which a share of the readings lies (linear quantile): 0 the lowest, 1 the highest; mg/dL."""
    return float(np.quantile(g, share)) if len(g) else None
