"""`apricot admin`, against a running service."""

import asyncio
import re
from uuid import uuid4

import pyotp
import pytest
import typer
from apricot.identity.v1 import account_pb2
from sqlmodel import select
from typer.testing import CliRunner, Result

from services.identity.admin import app
from services.identity.store.tables import Session
from tests.identity.running import PASSWORD, Person, Running, request_id


class Terminal:
    """An operator who reads what is said and types what is asked for."""

    def __init__(self, running: Running, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
        self._running = running
        self._person = person
        self.said: list[str] = []
        monkeypatch.setattr(typer, "prompt", self._prompt)
        monkeypatch.setattr(typer, "echo", lambda text, err=False: self.said.append(text))

    async def run(self, *words: str) -> Result:
        """One command, in a thread: its client is synchronous, and the service is in this loop."""
        self.said.clear()
        self._running.clock.advance(minutes=2)
        options = ("--gateway", self._running.address, "--phone", self._person.phone)
        return await asyncio.to_thread(lambda: CliRunner().invoke(app, [*options, *words]))

    def _prompt(self, question: str, hide_input: bool = False) -> str:
        match question:
            case "Code sent to the phone":
                return self._running.phones.codes[self._person.phone]
            case "Password":
                return PASSWORD
            case "First admin secret":
                return self._running.admin_secret
            case "Its code now":
                uri = next(text for text in self.said if "otpauth://" in text).splitlines()[1]
                totp = pyotp.parse_uri(uri)
                assert isinstance(totp, pyotp.TOTP)
                self._person.totp_secret = totp.secret
                return self._running.totp(self._person)
            case "Code of the second factor":
                return self._running.totp(self._person)
        raise AssertionError(question)


async def test_an_operators_day(own: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    person = await own.sign_in()
    password = account_pb2.SetPasswordRequest(request_id=request_id(), new_password=PASSWORD)
    await own.account("SetPassword", password, person)
    terminal = Terminal(own, person, monkeypatch)

    claimed = await terminal.run("claim-first-admin")
    assert claimed.exit_code == 0, claimed.output
    assert "You are the first admin." in terminal.said

    doctor = await own.sign_in()
    licence = await own.submit(doctor)
    await terminal.run("--password", "licences", "list")
    assert licence.licence_id in terminal.said[0]
    await terminal.run("--password", "licences", "approve", licence.licence_id, "--note", "checked")
    assert "approved" in terminal.said[0]
    again = await terminal.run("--password", "licences", "reject", licence.licence_id)
    assert again.exit_code == 1
    assert terminal.said[0].startswith("apricot: WRONG_STATE")

    await terminal.run("--password", "organizations", "create", "杏林诊所")
    organization = terminal.said[0].split("\t")[0]
    await terminal.run("--password", "organizations", "list")
    assert terminal.said == [f"{organization}\t杏林诊所"]
    await terminal.run("--password", "organizations", "add-member", organization, doctor.account_id, "--manager")
    await terminal.run("--password", "organizations", "members", organization)
    assert terminal.said == [f"{doctor.account_id}\tmanager\t"]
    own.clock.advance(minutes=15)
    await terminal.run("--password", "organizations", "remove-member", organization, doctor.account_id)
    assert terminal.said == ["removed"]

    await terminal.run("--password", "rotate-keys")
    assert re.fullmatch(r"key [0-9a-f]{32} is published and signs within minutes", terminal.said[0])
    await terminal.run("--password", "verify-audit")
    assert re.fullmatch(r"the chain holds: \d+ events", terminal.said[0])
    anchor, checkpoint = (line.split()[1] for line in terminal.said[1:3])
    assert (await terminal.run("--password", "verify-audit", "--anchor", anchor)).exit_code == 0
    assert (await terminal.run("--password", "verify-audit", "--from", checkpoint)).exit_code == 0
    for other in anchor[:-64] + "0" * 64, "1000000:" + "0" * 64:
        assert (await terminal.run("--password", "verify-audit", "--anchor", other)).exit_code == 1
        assert "does not lead over the anchor" in terminal.said[-1]
    async with own.database.transaction() as session:
        ends = [row.end_time for row in await session.exec(select(Session)) if row.device_name == "apricot admin"]
    assert ends
    assert None not in ends


async def test_who_is_no_admin_is_told_so(shared: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(shared, await shared.sign_in(), monkeypatch)
    refused = await terminal.run("licences", "approve", str(uuid4()))
    assert refused.exit_code == 1
    assert terminal.said[0].startswith("apricot: ROLE_REQUIRED")
