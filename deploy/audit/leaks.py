"""Secrets that were committed: every line of the tree, and every line that the history ever added, is looked at.

`known.json` names findings that are none, by the hash of what was found and the reason why it is no secret."""

import json
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from detect_secrets.core.scan import scan_line
from detect_secrets.settings import transient_settings

KNOWN = Path(__file__).parent / "known.json"
DETECTORS = (
    *("AWSKeyDetector", "AzureStorageKeyDetector", "BasicAuthDetector", "DiscordBotTokenDetector"),
    *("GitHubTokenDetector", "JwtTokenDetector", "KeywordDetector", "MailchimpDetector", "NpmDetector"),
    *("PrivateKeyDetector", "SendGridDetector", "SlackDetector", "SquareOAuthDetector", "StripeDetector"),
    "TwilioKeyDetector",
)
NO_SECRETS = {"uv.lock", "deploy/audit/known.json"}
"""Hashes of what anybody may fetch, and of what is no secret."""

type Line = tuple[str, str]
"""File and text."""


@dataclass(frozen=True, order=True)
class Finding:
    """What looks like a secret: never the secret itself."""

    file: str
    kind: str
    sha1: str


@dataclass(frozen=True)
class Known:
    """A finding that is no secret."""

    file: str
    kind: str
    sha1: str
    why: str

    @property
    def finding(self) -> Finding:
        return Finding(self.file, self.kind, self.sha1)


def known(file: Path = KNOWN) -> list[Known]:
    """What was looked at."""
    return [Known(**one) for one in json.loads(file.read_text())] if file.exists() else []


def keep(findings: Iterable[Finding], file: Path = KNOWN) -> None:
    """Have these known, with the reasons that are there; a new one's is for a person to write."""
    reasons = {one.finding: one.why for one in known(file)}
    kept = [asdict(Known(**asdict(one), why=reasons.get(one, ""))) for one in sorted(findings)]
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


def tree(folder: Path) -> Iterator[Line]:
    """Every line of the files that git knows of."""
    for name in _git(folder, "ls-files", "-z").split("\0"):
        file = folder / name
        if name and file.is_file() and b"\0" not in (data := file.read_bytes()):
            yield from ((name, line) for line in data.decode(errors="replace").splitlines())


def history(folder: Path) -> Iterator[Line]:
    """Every line that any commit added."""
    command = ["git", "-C", str(folder), "log", "-p", "-U0", "--no-color", "--no-ext-diff", "--no-renames", "-m"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace") as log:
        assert log.stdout is not None  # noqa: S101  it was asked for
        name = ""
        for text in log.stdout:
            if text.startswith("+++ "):
                name = text[6:].rstrip("\n")
            elif text.startswith("+"):
                yield name, text[1:].rstrip("\n")


def search(lines: Iterable[Line]) -> set[Finding]:
    """What looks like a secret in them."""
    with transient_settings({"plugins_used": [{"name": name} for name in DETECTORS]}):
        return {
            Finding(name, secret.type, secret.secret_hash)
            for name, line in _distinct(_keys_joined(lines))
            if name not in NO_SECRETS
            for secret in scan_line(line)
        }


def _keys_joined(lines: Iterable[Line]) -> Iterator[Line]:
    """A private key is known by its first line together with the next."""
    before: Line = ("", "")
    for name, line in lines:
        yield name, before[1] + line if before[0] == name and "PRIVATE KEY-" in before[1] else line
        before = name, line


def _distinct(lines: Iterable[Line]) -> Iterator[Line]:
    seen = set[Line]()
    for line in lines:
        if line not in seen:
            seen.add(line)
            yield line


def judged(found: Iterable[Finding], looked_at: Sequence[Known]) -> list[str]:
    """What nobody has looked at, and what was but says no reason."""
    fine = {one.finding for one in looked_at if one.why}
    return [f"{one.file}: {one.kind} ({one.sha1[:12]}…)" for one in sorted(found) if one not in fine]


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True).stdout
