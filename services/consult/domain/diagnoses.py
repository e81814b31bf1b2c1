"""ICD-10 codes, as far as they tell whether one follows up another."""

from collections.abc import Iterable

_CATEGORY_LENGTH = 3


class EvidenceRequiredError(Exception):
    """Nothing shows that the diagnosis was made before."""

    def __init__(self) -> None:
        super().__init__("prescribing needs evidence of an earlier diagnosis")


class DiagnosisNotEligibleError(Exception):
    """The doctor decided on eligibility for other diagnoses."""


def category(code: str) -> str:
    """The category of a code: E11 of E11.9."""
    return code[:_CATEGORY_LENGTH]


def require_eligible(prescribed: Iterable[str], decided: Iterable[str]) -> None:
    """Hold that each diagnosis of a prescription is of a category that eligibility was decided for. Raises
    `DiagnosisNotEligibleError`."""
    if missing := set(map(category, prescribed)) - set(map(category, decided)):
        raise DiagnosisNotEligibleError(f"eligibility was not decided for {', '.join(sorted(missing))}")


def require_evidence(claimed: Iterable[str], earlier: Iterable[str], *, documented: bool) -> None:
    """What an earlier consultation's diagnoses show of those claimed: some of them where documents were seen too, else
    all. Errors: `EvidenceRequiredError`."""
    wanted, shown = set(map(category, claimed)), set(map(category, earlier))
    if not (wanted & shown if documented else wanted <= shown):
        raise EvidenceRequiredError
