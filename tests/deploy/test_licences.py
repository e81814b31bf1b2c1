"""What the image may not carry is refused."""

import pytest

from deploy.licences import Component, is_allowed, licences, refused


@pytest.mark.parametrize("expression", ["MIT", "Apache-2.0 OR GPL-2.0-only", "BSD-3-Clause AND Zlib", "MPL-2.0"])
def test_what_is_allowed(expression: str) -> None:
    assert is_allowed([expression])


@pytest.mark.parametrize(
    "expressions",
    [
        ["GPL-3.0-or-later"],
        ["AGPL-3.0-only"],
        ["LGPL-3.0-only"],
        ["MIT AND GPL-2.0-only"],
        ["MIT", "GPL-2.0-only"],
        ["SSPL-1.0"],
        [],
    ],
)
def test_what_is_refused(expressions: list[str]) -> None:
    assert not is_allowed(expressions)


def test_a_package_is_refused_by_its_name() -> None:
    components: list[Component] = [
        {"name": "good", "licenses": [{"license": {"id": "MIT"}}]},
        {"name": "old", "licenses": [{"license": {"name": "License :: OSI Approved :: Apache Software License"}}]},
        {"name": "bad", "licenses": [{"expression": "GPL-2.0-only"}]},
        {"name": "silent"},
    ]
    assert refused(components) == ["bad", "silent"]
    assert licences(components[1]) == ["Apache-2.0"]
