"""Under which licences the image's packages are, and whether it may carry them."""

from collections.abc import Mapping, Sequence
from typing import Any

from license_expression import LicenseExpression, get_spdx_licensing

ALLOWED = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU"),
    *("PSF-2.0", "Python-2.0", "Unlicense", "Zlib"),
    "MPL-2.0",  # certifi's list of authorities: file by file, and unchanged
}
EXCEPTIONS = {
    "pi_heif": "LGPL-3.0: libheif and libde265, as libraries of their own that anybody can replace",
    "protobuf": "BSD-3-Clause, which its metadata do not say",
}
CLASSIFIERS = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: MIT License": "MIT",
}
_SPDX = get_spdx_licensing()

type Component = Mapping[str, Any]
"""Of a CycloneDX list."""


def licences(component: Component) -> list[str]:
    """SPDX expressions, all of which hold. A classifier counts where there is nothing better."""
    told = [
        one.get("expression") or one["license"].get("id") or one["license"]["name"]
        for one in component.get("licenses", ())
    ]
    exact = [one for one in told if not one.startswith("License ::")]
    return exact or [CLASSIFIERS.get(one, one) for one in told]


def refused(components: Sequence[Component]) -> list[str]:
    """Names of packages that the image may not carry."""
    return [one["name"] for one in components if one["name"] not in EXCEPTIONS and not is_allowed(licences(one))]


def is_allowed(expressions: Sequence[str]) -> bool:
    """Nothing said is not allowed."""
    return bool(expressions) and all(_holds(_SPDX.parse(one)) for one in expressions)


def _holds(tree: LicenseExpression) -> bool:
    if isinstance(tree, _SPDX.OR):
        return any(_holds(one) for one in tree.args)
    if isinstance(tree, _SPDX.AND):
        return all(_holds(one) for one in tree.args)
    return str(tree) in ALLOWED
