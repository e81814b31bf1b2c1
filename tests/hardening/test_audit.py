"""`make audit` finds what it looks for: secrets that were committed, weaknesses that nobody accepted; and says so when
there is nobody to ask."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from deploy.audit import leaks, weaknesses
from deploy.audit.weaknesses import Accepted, NobodyToAskError, Weakness

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 12, 1)
# Put together here, so that no line of this file is one.
SECRETS = {
    "GitHub Token": "ghp_" + "aB3dE5gH7jK9" * 3,
    "AWS Access Key": "AKIA" + "Q7W3E9R5T1Y2U8I4",
    "Private Key": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEowIBAAKCAQEA" + "x7Qz" * 12,
    "Secret Keyword": "pass" + 'word = "Tr0ub4dor&3xyz"',
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    _git(tmp_path, "init", "--quiet")
    return tmp_path


def _git(folder: Path, *arguments: str) -> None:
    author = ("-c", "user.name=test", "-c", "user.email=test@apricot.example")
    subprocess.run(["git", "-C", str(folder), *author, *arguments], check=True)


def _commit(folder: Path, text: str) -> None:
    (folder / "settings.py").write_text(text)
    _git(folder, "add", ".")
    _git(folder, "commit", "--quiet", "--message", "more")


@pytest.mark.parametrize("kind", SECRETS)
def test_a_planted_secret_is_found(kind: str, repository: Path) -> None:
    """In the tree; and in the history, when it was taken out again. What is told does not tell it."""
    _commit(repository, f"FIRST = 1\n{SECRETS[kind]}\n")
    (found,) = [one for one in leaks.search(leaks.tree(repository)) if one.kind == kind]
    assert found.file == "settings.py"
    _commit(repository, "# nothing\n")
    assert not leaks.search(leaks.tree(repository))
    assert found in leaks.search(leaks.history(repository))
    (told,) = leaks.judged([found], [])
    assert SECRETS[kind] not in told


def test_a_finding_counts_as_looked_at_once_it_has_its_reason(repository: Path) -> None:
    _commit(repository, SECRETS["Secret Keyword"])
    found, file = leaks.search(leaks.tree(repository)), repository / "known.json"
    leaks.keep(found, file)
    assert leaks.judged(found, leaks.known(file))
    file.write_text(file.read_text().replace('"why": ""', '"why": "made up"'))
    assert not leaks.judged(found, leaks.known(file))
    leaks.keep(found, file)
    assert not leaks.judged(found, leaks.known(file))


def test_the_baseline_holds_no_secret() -> None:
    """Hashes, kinds, files and reasons, and nothing else."""
    assert leaks.known()
    for one in leaks.known():
        assert re.fullmatch("[0-9a-f]{40}", one.sha1)
        assert len(one.why) > 10
    assert not [name for name, line in _lines(leaks.KNOWN) if leaks.search([("x", line)])]


def _lines(file: Path) -> list[tuple[str, str]]:
    return [(file.name, line) for line in file.read_text().splitlines() if '"sha1"' not in line]


def test_every_locked_artefact_has_its_hash() -> None:
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    locked = [package for package in packages if "registry" in package["source"]]
    assert len(locked) == len(packages) - 1  # all but the project itself
    for package in locked:
        artefacts = [*package.get("wheels", ()), *filter(None, [package.get("sdist")])]
        assert artefacts
        assert all(one["hash"].startswith("sha256:") for one in artefacts), package["name"]


FOUND = Weakness("idna", "3.4", "PYSEC-2024-60", frozenset({"CVE-2024-3651"}), ["3.7"])


def acceptance(until: date) -> Accepted:
    return Accepted("CVE-2024-3651", "idna", "names come from settings alone", until)


@pytest.mark.parametrize(
    ("found", "policy", "words"),
    [
        ([FOUND], [], "fixed in 3.7"),
        ([FOUND], [acceptance(date(2026, 12, 31))], ""),
        ([FOUND], [acceptance(date(2026, 11, 30))], "was accepted until"),
        ([], [acceptance(date(2026, 12, 31))], "there no more"),
    ],
)
def test_a_weakness_is_told_unless_it_was_accepted(found: list[Weakness], policy: list[Accepted], words: str) -> None:
    told = "\n".join(weaknesses.judged(found, policy, TODAY))
    assert words in told if words else not told


def test_what_is_accepted_says_why_and_until_when() -> None:
    assert all(one.reason and one.until > date(2026, 1, 1) for one in weaknesses.accepted())


@pytest.fixture
def requirements(tmp_path: Path) -> Callable[[str], Path]:
    def written(text: str) -> Path:
        (tmp_path / "requirements.txt").write_text(text)
        return tmp_path / "requirements.txt"

    return written


def test_with_nobody_to_ask_it_says_so(requirements: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_AUDIT_CACHE_DIR", str(requirements("").parent / "cache"))
    with pytest.raises(NobodyToAskError):
        weaknesses.asked(requirements(f"idna==3.4 --hash=sha256:{'0' * 64}\n"))


def test_any_other_failure_is_one(requirements: Callable[[str], Path]) -> None:
    with pytest.raises(RuntimeError, match="pip-audit failed"):
        weaknesses.asked(requirements("idna==3.4\n"))  # without its hash


def test_packages_that_the_index_does_not_know_are_a_failure() -> None:
    """They might be somebody else's of that name. When it knows none, it is no index of advisories."""
    known = {"name": "idna", "version": "3.4", "vulns": [{"id": "X", "aliases": [], "fix_versions": []}]}
    assert weaknesses.found_in({"dependencies": [known]})
    with pytest.raises(RuntimeError, match="apricto"):
        weaknesses.found_in({"dependencies": [known, {"name": "apricto", "skip_reason": "not found"}]})


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess\n\nsubprocess.run('ls', shell=True)\n",
        "import pickle\n\npickle.loads(b'')\n",
        "import hashlib\n\nhashlib.md5(b'')\n",
        "import random\n\nCODE = random.randint(0, 999999)\n",
        "def f(name):\n    return 'select * from entry where name = ' + name\n",
    ],
)
def test_the_security_rules_are_on(code: str) -> None:
    ruff = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--stdin-filename",
        "services/x.py",
        "--output-format",
        "concise",
        "-",
    ]
    done = subprocess.run(ruff, input=code, capture_output=True, text=True, cwd=ROOT, check=False)
    assert re.search(r" S\d{3} ", done.stdout), done.stdout
