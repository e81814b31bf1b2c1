"""Ages, and what they ask for."""

GUARDIAN_UNDER_YEARS = 6
"""Under this age a guardian has to be present (rules on internet diagnosis, 2018)."""


class GuardianRequiredError(Exception):
    """The patient is too young to be alone."""

    def __init__(self) -> None:
        super().__init__("a patient under six years needs a guardian present")


class AgeUnknownError(Exception):
    """The profile has no birth date."""

    def __init__(self) -> None:
        super().__init__("the patient's age is not known")


def require_guardian(age: int | None, *, present: bool) -> None:
    """An age that is not known asks for nothing. Errors: `GuardianRequiredError`."""
    if age is not None and age < GUARDIAN_UNDER_YEARS and not present:
        raise GuardianRequiredError


def require_age(age: int | None) -> int:
    """Errors: `AgeUnknownError`."""
    if age is None:
        raise AgeUnknownError
    return age
