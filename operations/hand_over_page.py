"""The page that a hand-over begins with: plain HTML, without scripts, to read and to print."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

_STYLE = """
body { font: 11pt/1.4 "Noto Serif", "Noto Serif CJK SC", serif; max-width: 46em; margin: 2em auto; padding: 0 1em }
h1 { font-size: 1.5em } h2 { font-size: 1.15em; margin-top: 2em; break-after: avoid }
table { border-collapse: collapse; width: 100% } tr { break-inside: avoid }
th, td { text-align: left; vertical-align: top; padding: .2em .8em .2em 0; border-bottom: 1px solid #bbb }
thead { display: table-header-group } td.number { text-align: right; white-space: nowrap }
code { font: 8pt/1.4 monospace; overflow-wrap: anywhere }
@page { size: A4; margin: 18mm }
@media print { body { margin: 0; max-width: none; padding: 0 } a { color: inherit; text-decoration: none } }
"""
_FILES = {
    "identity.jsonl": "the account, its sessions, grants, licences, and who saw the person's data",
    "glucose.jsonl": "the diary with every revision, alerts, plans, the timeline, what is known of photos",
    "consult.jsonl": "consultations with their messages and calls, appointments, prescriptions, the health record",
    "pharmacy.jsonl": "orders, payments, deliveries, pharmacists' reviews, supplies",
    "prescriptions.jsonl": "prescriptions as they were signed, with signatures and public keys (Ed25519)",
    "identity-rows.jsonl": "the audit's events that the person did or that are about the person; earlier hand-overs",
    "glucose-rows.jsonl": "nothing more, as long as every table of the diary is in glucose.jsonl",
    "consult-rows.jsonl": "who took part in calls, with which device",
    "pharmacy-rows.jsonl": "items and steps of orders, refunds, the ledger, prescriptions as they were dispensed",
}


@dataclass(frozen=True)
class Signed:
    """A prescription's revision, and what its signature is worth."""

    prescription_id: str
    revision: int
    time: datetime
    doctor_name: str
    found: str


def page(manifest: dict[str, Any], signed: Sequence[Signed]) -> str:
    """The page: who, when and why; what there is; what the signatures are worth; every file with its SHA-256."""
    about = [
        ("Person", str(manifest["patient_id"])),
        ("Handed over by", str(manifest["actor_id"])),
        ("At", f"{manifest['create_time']:%Y-%m-%d %H:%M:%S} UTC"),
        ("Reason", manifest["reason"]),
    ]
    counts = [(kind.replace("_", " "), f"{count:,}") for kind, count in manifest["records"].items()]
    prescriptions = [
        (one.prescription_id, str(one.revision), _day(one.time), one.doctor_name, one.found.replace("_", " "))
        for one in signed
    ]
    missing = "".join(f"<li>{escape(name)}</li>" for name in manifest["missing"]) or "<li>none</li>"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>What is kept of a person</title><style>{_STYLE}</style></head><body>
<h1>What is kept of a person</h1>
{_table((), about)}
<h2>Records</h2>{_table(("kind", "records"), counts)}
<h2>Prescriptions</h2>{_table(("prescription", "revision", "issued", "doctor", "signature"), prescriptions)}
<h2>Photos and attachments that are missing</h2><ul>{missing}</ul>
<h2>Files</h2>
<p>Files that end in .jsonl are text, one record a line, in JSON; those in -rows.jsonl are rows of the databases as
they are. <a href="manifest.json">manifest.json</a> lists every file; its own SHA-256 is in manifest.sha256 and in the
platform's audit.</p>
{_files(manifest["files"])}
</body></html>
"""


def _day(time: datetime) -> str:
    return f"{time:%Y-%m-%d}".replace("-", "\N{NON-BREAKING HYPHEN}")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    titles = "".join(f"<th>{escape(title)}</th>" for title in head)
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table>"


def _files(files: dict[str, Any]) -> str:
    lines = "".join(
        f'<tr><td><a href="{escape(name)}">{escape(name)}</a><br>{escape(_FILES.get(name, ""))}</td>'
        f'<td class="number">{file["size"]:,}</td><td><code>{escape(file["sha256"])}</code></td></tr>'
        for name, file in files.items()
    )
    return f"<table><thead><tr><th>file</th><th>bytes</th><th>SHA-256</th></tr></thead><tbody>{lines}</tbody></table>"
