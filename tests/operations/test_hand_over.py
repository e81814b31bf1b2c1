"""Everything of one person handed over: what her own exports give, what the law keeps, and that it is told."""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from apricot.consult.v1.prescription_pb2 import PrescriptionContent
from apricot.identity.v1.account_pb2 import DeleteAccountRequest, SetPasswordRequest
from apricot.identity.v1.audit_pb2 import AccessEvent, ListAccessEventsRequest, VerifyChainRequest
from apricot.pharmacy.v1.order_pb2 import WantedItem
from apricot.pharmacy.v1.payment_pb2 import PAYMENT_PROVIDER_SANDBOX

from kit.schema import service_url
from kit.signatures import is_signed
from operations.cut import CALLERS_FIRST
from operations.folder import MANIFEST, SEAL
from operations.hand_over import HandedOver, Wanted, hand_over
from operations.place import Place, place_of
from operations.postgres import connected
from operations.refusals import Reason, Refused
from prescribing.genuineness import PURPOSE
from services.identity.store.hand_overs import ACTION, id_of
from stack.platform import Platform
from tests.consult.doctors import listed_doctor
from tests.consult.prescriptions.writing import facts, written
from tests.e2e.market import Market, named, place, tablets
from tests.e2e.prescribing import prescribed
from tests.glucose.diaries import HAND, ago, amend, delete
from tests.kit.running import until
from tests.operations.drill import apricot
from tests.people import PASSWORD, People, Person
from tests.pictures import opened, picture

WORKING = {
    "alert_state",
    "glucose_day",
    "glucose_day_mark",
    "reminder",
    "attachment_upload",
    "member",
    "message_push",
    "open_stream",
    "push",
    "signal",
    "stock_hold",
    "waiting_entry",
}
"""What is under way, or made from what is kept."""
SHOWN_BY_HER_EXPORTS = {
    "care_grant",
    "invite",
    "entry",
    "entry_archive",
    "entry_revision",
    "timeline_item",
    "alert",
    "alert_rules",
    "plan_revision",
    "plan_draft",
    "photo",
    "consultation",
    "message",
    "attachment",
    "call",
    "appointment",
    "prescription_revision",
    "health_record_revision",
    "rating",
    "medicine_order",
    "payment",
    "delivery_job",
    "delivery_temperature",
    "review",
    "review_question",
    "supply",
    "supply_lot",
    "supply_warning",
}
"""As messages of the contract."""
REASON = "Health Commission, file 2026-117"


@dataclass
class Case:
    """A patient with a record, and who may hand it over."""

    place: Place
    patient: Person
    admin: Person
    photo_id: str

    async def hand_over(self, out: Path, **changes: Any) -> HandedOver:
        values = {"patient_id": UUID(self.patient.account_id), "actor_id": UUID(self.admin.account_id)}
        wanted = Wanted(**({"reason": REASON} | values | changes))
        return await hand_over(self.place, wanted, out, lambda *_: None)


@pytest.fixture(scope="module")
async def case(platform: Platform, people: People) -> AsyncIterator[Case]:
    """Logged, amended, deleted, photographed, read by another, prescribed, and bought."""
    patient, friend = await named(await people.patient()), await people.patient()
    await patient.session.account.SetPassword(SetPasswordRequest(request_id=str(uuid4()), new_password=PASSWORD))
    photo = await patient.session.upload_photo(patient.account_id, picture())
    meal, note, wrong = HAND.meal(ago(5), 45), HAND.note(ago(4), "first"), HAND.note(ago(3), "wrong")
    meal.meal.photo_ids.append(photo.photo_id)
    await patient.session.log(patient.account_id, [meal, note, wrong])
    note.note.text = "second"
    await amend(patient, note, 1)
    await delete(patient, wrong.entry_id, 1)
    await patient.grant(friend, SCOPE_GLUCOSE_READ)
    async for _ in friend.session.entries(patient.account_id):
        break
    doctor = await listed_doctor(people, "endocrinology")
    await prescribed(doctor, patient, written(), facts(datetime.now(UTC).date().isoformat()))
    market = await Market.open(platform, people, (51.0, 101.0))
    content = tablets("对乙酰氨基酚片", "paracetamol", "N02BE01", "500", on_prescription=False)
    wanted = WantedItem(product_id=await market.sell(content, 1990), quantity=1)
    order = await place(patient, await market.quote(patient, wanted))
    await market.pay(patient, order.order_id, PAYMENT_PROVIDER_SANDBOX)
    async with place_of(platform.settings) as place_of_data:
        yield Case(place_of_data, patient, await people.admin(), photo.photo_id)


def lines(out: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / name).read_text().splitlines()]


def without_times(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """But for the head, which says when it was written."""
    return [record for record in records if record["kind"] != "export"]


async def parsed(export: AsyncIterator[bytes]) -> list[dict[str, Any]]:
    content = b"".join([part async for part in export])
    return [json.loads(line) for line in content.splitlines()]


async def events(person: Person) -> list[AccessEvent]:
    return list((await person.session.audit.ListAccessEvents(ListAccessEventsRequest())).events)


async def test_it_holds_what_her_own_exports_give(case: Case, tmp_path: Path) -> None:
    session, out = case.patient.session, tmp_path / "handed"
    own = {
        "glucose.jsonl": await parsed(session.export_diary(case.patient.account_id)),
        "consult.jsonl": await parsed(session.export_consultations()),
        "pharmacy.jsonl": await parsed(session.export_pharmacy_record()),
    }
    await case.hand_over(out)
    for name, records in own.items():
        assert without_times(lines(out, name)) == without_times(records), name
    kinds = [record["kind"] for record in own["glucose.jsonl"]]
    assert (kinds.count("entry"), kinds.count("entry_revision"), kinds.count("photo")) == (3, 2, 1)
    assert any(record.get("deleted") for record in lines(out, "glucose.jsonl"))
    assert case.patient.phone in (out / "identity.jsonl").read_text()


async def test_it_holds_every_row_that_is_kept_of_her(case: Case, tmp_path: Path) -> None:
    out = tmp_path / "handed"
    await case.hand_over(out)
    for service in CALLERS_FIRST:
        shown = Counter(line["kind"] for line in lines(out, f"{service}-rows.jsonl"))
        async with connected(service_url(case.place.database_url, service)) as connection:
            tables = await connection.fetch(
                "select table_name from information_schema.columns where column_name = 'patient_id'"
                " and table_schema = 'public' and table_name in (select relname from pg_class where relkind = 'r')"
            )
            for (table,) in tables:
                query = f"select count(*) from {table} where patient_id = $1"  # noqa: S608  names of our own
                count = await connection.fetchval(query, UUID(case.patient.account_id))
                if table in WORKING or table in SHOWN_BY_HER_EXPORTS:
                    assert table not in shown
                elif table not in ("audit_event", "hand_over"):  # they have grown by this hand-over
                    assert shown[table] == count, table
    ledger = [line for line in lines(out, "pharmacy-rows.jsonl") if line["kind"] == "ledger_entry"]
    assert ledger
    assert sum(line["record"]["amount_minor"] for line in ledger) == 0


async def test_files_are_as_the_manifest_says_and_nothing_else_is_there(case: Case, tmp_path: Path) -> None:
    out = tmp_path / "handed"
    handed = await case.hand_over(out)
    manifest = HandedOver.model_validate_json((out / MANIFEST).read_bytes())
    assert manifest == handed
    assert {path.name for path in out.iterdir()} == {*handed.files, MANIFEST, SEAL}
    for name, file in handed.files.items():
        content = (out / name).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (file.sha256, file.size)
    counted = sum(len(lines(out, name)) for name in handed.files if name.endswith(".jsonl"))
    assert counted == sum(handed.records.values())
    assert out.stat().st_mode & 0o077 == 0
    assert opened((out / f"photo-{case.photo_id}.jpg").read_bytes()).size
    assert [name for name in handed.files if name.startswith("attachment-")]
    assert handed.missing == []


async def test_prescriptions_can_be_verified_without_the_platform(case: Case, tmp_path: Path) -> None:
    out = tmp_path / "handed"
    await case.hand_over(out)
    [found] = [line["record"] for line in lines(out, "prescriptions.jsonl")]
    assert (found["genuineness"], found["asSigned"]) == ("genuine", True)
    content, signature, key = (base64.b64decode(found[name]) for name in ("signedContent", "signature", "publicKey"))
    assert is_signed(PURPOSE, content, signature, key)
    assert PrescriptionContent.FromString(content).patient_id == case.patient.account_id
    page = (out / "index.html").read_text()
    assert found["prescriptionId"] in page
    assert REASON in page


async def test_it_is_told_to_the_patient_and_the_chain_covers_why_and_what(case: Case, tmp_path: Path) -> None:
    async def read_is_told() -> bool:
        return any(event.action.endswith("ListEntries") for event in await events(case.patient))

    await until(read_is_told)
    before, out = await events(case.patient), tmp_path / "handed"
    await case.hand_over(out)
    newest = (await events(case.patient))[0]
    assert newest.sequence > before[0].sequence
    assert (newest.action, newest.actor_id) == (ACTION, case.admin.account_id)
    account = await parsed(case.patient.session.export_account())
    assert [line["record"]["reason"] for line in account if line["kind"] == "hand_over"][-1] == REASON
    rows = [line["record"] for line in lines(out, "identity-rows.jsonl") if line["kind"] == "audit_event"]
    assert {event.sequence for event in before} <= {row["sequence"] for row in rows}

    await case.hand_over(tmp_path / "again")
    rows = [line["record"] for line in lines(tmp_path / "again", "identity-rows.jsonl")]
    digest = hashlib.sha256((out / MANIFEST).read_bytes()).digest()
    assert str(id_of(REASON, digest)) in {row.get("object_id") for row in rows}
    assert (await case.admin.session.audit.VerifyChain(VerifyChainRequest())).intact


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001, "two\nlines"])
async def test_without_a_reason_it_is_refused(case: Case, tmp_path: Path, reason: str) -> None:
    before = await events(case.patient)
    with pytest.raises(Refused) as refused:
        await case.hand_over(tmp_path / "handed", reason=reason)
    assert refused.value.reason is Reason.NO_REASON
    assert not list(tmp_path.iterdir())
    assert await events(case.patient) == before


async def test_who_is_nobody_or_no_admin_or_hands_over_onto_something_is_refused(case: Case, tmp_path: Path) -> None:
    for changes, reason in (
        ({"patient_id": uuid4()}, Reason.UNKNOWN_PATIENT),
        ({"actor_id": UUID(case.patient.account_id)}, Reason.NOT_AN_ADMIN),
        ({"actor_id": uuid4()}, Reason.NOT_AN_ADMIN),
    ):
        with pytest.raises(Refused) as refused:
            await case.hand_over(tmp_path / "handed", **changes)
        assert refused.value.reason is reason
    assert not list(tmp_path.iterdir())
    with pytest.raises(Refused) as refused:
        await case.hand_over(tmp_path)
    assert refused.value.reason is Reason.EXISTS


async def test_a_deleted_account_is_handed_over_by_the_command(case: Case, platform: Platform, tmp_path: Path) -> None:
    out = tmp_path / "handed"
    words = ["hand-over", "--by", case.admin.account_id, "--state", str(platform.settings.state_dir), "--out", str(out)]
    assert await apricot(*words, "--reason", REASON, "--patient", str(uuid4())) == 5
    delete_account = DeleteAccountRequest(request_id=str(uuid4()), password=PASSWORD)
    await case.patient.session.account.DeleteAccount(delete_account)
    assert await apricot(*words, "--reason", REASON, "--patient", case.patient.account_id) == 0
    kinds = [line["kind"] for line in lines(out, "glucose.jsonl")]
    assert (kinds.count("entry"), kinds.count("entry_revision"), kinds.count("photo")) == (3, 2, 1)
    assert case.patient.phone not in (out / "identity.jsonl").read_text()
    assert len(lines(out, "prescriptions.jsonl")) == 1
    assert (await case.admin.session.audit.VerifyChain(VerifyChainRequest())).intact
