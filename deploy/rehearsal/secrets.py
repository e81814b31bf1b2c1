"""What an operator would fetch from a store of secrets: made anew for each rehearsal, laid out as is declared."""

import base64
import re
import secrets
from functools import cache
from urllib.parse import quote

from deploy.rehearsal.manifests import Objects, Unsupported
from stack.authority import Authority

_PLACE = re.compile(r"\{\{\s*\.(\w+)\s*(?:\|\s*(\w+)\s*)?\}\}")


def keep_secrets(objects: Objects) -> None:
    """Every ExternalSecret's Secret, by its template. Errors: Unsupported."""

    @cache
    def value(key: str) -> str:
        if key.endswith("_URL"):
            return ""  # nobody is posted to
        if key == "IDENTITY_KEY":
            return _key()
        if key.endswith("_SEALING_KEYS"):
            return f"{key.removesuffix('_SEALING_KEYS').lower()}-1:{_key()}"
        return secrets.token_hex(16)

    def fill(found: re.Match[str]) -> str:
        if found[2] not in (None, "urlquery"):
            raise Unsupported(f"the template's function {found[2]}")
        return quote(value(found[1]), safe="") if found[2] else value(found[1])

    for one in objects.of_kind("ExternalSecret"):
        target = one["spec"]["target"]
        template = target["template"]["data"]
        name = target.get("name", one["metadata"]["name"])
        objects.secrets[name] = {key: _PLACE.sub(fill, text).encode() for key, text in template.items()}


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def issue_certificates(objects: Objects, authority: Authority) -> None:
    """Every Certificate's Secret; also anew."""
    for one in objects.of_kind("Certificate"):
        spec = one["spec"]
        if not spec.get("isCA"):
            names = spec["dnsNames"]
            folder = authority.issue(spec["secretName"].removesuffix("-tls"), names)
            objects.secrets[spec["secretName"]] = {file.name: file.read_bytes() for file in folder.iterdir()}
