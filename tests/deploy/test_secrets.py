"""The example of the secrets file names all that an operator has to fill in, and nothing else."""

import re

from deploy import manifests
from deploy.check.objects import Objects

EXAMPLE = manifests.K8S / "overlays" / "production" / "secrets.env.example"


def test_the_example_has_what_the_secrets_are_made_of() -> None:
    used = set[str]()
    for one in Objects(manifests.render("production")).of_kind("ExternalSecret"):
        for value in one["spec"]["target"]["template"]["data"].values():
            used |= set(re.findall(r"\{\{ \.(\w+)", value))
    asked = re.findall(r"^(\w+)=$", EXAMPLE.read_text(), re.MULTILINE)
    assert sorted(asked) == sorted(used)


def test_a_filled_one_is_never_committed() -> None:
    assert "secrets.env" in (manifests.K8S.parents[1] / ".gitignore").read_text().splitlines()
