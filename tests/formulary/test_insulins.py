"""How insulins act: one table of the platform's, and one of its clients, which stand alone."""

import pytest

from clients.clinician.models.loop import insulins as of_clients
from formulary.insulins import insulin_kind
from formulary.medicines import names


@pytest.mark.parametrize(
    ("code", "kind"),
    [("A10AB01", 2), ("A10AB05", 1), ("A10AC01", 3), ("A10AD05", 5), ("A10AE04", 4), ("A10BA02", 0)],
)
def test_insulins_act_as_their_group_says(code: str, kind: int) -> None:
    assert insulin_kind(code) == kind


def test_clients_know_every_medicine_of_the_formulary_likewise() -> None:
    kinds = {code: insulin_kind(code) for code in names()}
    assert {code: of_clients.insulin_kind(code) for code in names()} == kinds
    assert set(kinds.values()) > {0}
