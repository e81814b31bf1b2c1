"""Somebody whose data nobody else may see: a little of everything, with words in it that are found where they leak."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain
from uuid import uuid4

from apricot.access.v1.access_pb2 import SCOPE_MEAL_READ
from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_MODE_TEXT,
    ClaimConsultationRequest,
    OpenConsultationRequest,
)
from apricot.glucose.v1.timeline_pb2 import AddCommentRequest
from apricot.identity.v1.account_pb2 import Profile, UpdateProfileRequest
from apricot.identity.v1.care_pb2 import CreateInviteRequest
from apricot.pharmacy.v1.order_pb2 import QuoteOrderRequest, WantedItem
from apricot.pharmacy.v1.place_pb2 import Address
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from clients.sdk import Recorder
from kit import contract
from kit.contract import Method
from tests.consult.doctors import listed_doctor
from tests.consult.prescriptions.writing import facts, written
from tests.consult.talk.ear import listening
from tests.e2e.conftest import Doors
from tests.e2e.market import Market, place, request_id, tablets
from tests.e2e.minimal import minimal_request
from tests.e2e.prescribing import prescribed
from tests.people import People, Person
from tests.pictures import picture

UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
READS = re.compile(r"/(Get|List|Export)\w+$")
ABOUT_ALL = ("Directory", "Catalog", "SigningService", "ListOrganizations", "ListSlots", "ListSymptoms", "ListRatings")
"""What these show is everybody's."""


@dataclass(frozen=True)
class Victim:
    """Who it is, which ids lead to the victim's things, and the words to look for."""

    person: Person
    named: Mapping[str, Sequence[str]]
    """The ids of everything that the victim's own reads name, by the field that names them."""
    canary: bytes

    def called(self, name: str) -> list[str]:
        """The ids by a name, also behind another word: `picture_attachment_id` is an `attachment_id`."""
        return [one for field, ids in self.named.items() if field.endswith(name) for one in ids]

    @property
    def ids(self) -> list[str]:
        """All of them, the victim's own first."""
        return list(dict.fromkeys(chain([self.account_id], *self.named.values())))

    @property
    def account_id(self) -> str:
        return self.person.account_id


async def seed_victim(people: People, market: Market, doors: Doors) -> Victim:
    """A profile, a diary, a talk, a prescription, an order, grants."""
    canary = f"canary-{uuid4().hex}"
    patient, friend = await people.patient(), await people.patient()
    doctor = await listed_doctor(people, "endocrinology")
    await _tells(patient, canary)
    await patient.grant(friend, SCOPE_MEAL_READ)
    await patient.session.care.CreateInvite(CreateInviteRequest(request_id=request_id(), scopes=[SCOPE_MEAL_READ]))
    today = datetime.now(UTC).date().isoformat()
    await prescribed(doctor, patient, written(), facts(today))
    await _asks(patient, doctor, canary)
    await _orders(patient, market, canary)
    named, seen = await own_ids(patient, doors)
    assert canary.encode() in seen  # else nobody could find it anywhere
    return Victim(patient, named, canary.encode())


async def _tells(patient: Person, canary: str) -> None:
    # The name is told to whoever grants the account access: see the threat model.
    profile = Profile(display_name="王小明", birth_date=date(1980, 2, 29).isoformat())
    mask = FieldMask(paths=["display_name", "birth_date"])
    await patient.session.account.UpdateProfile(
        UpdateProfileRequest(request_id=request_id(), profile=profile, update_mask=mask)
    )
    recorder, now = Recorder.by_hand(canary, "Asia/Shanghai"), datetime.now(UTC)
    await patient.session.log(patient.account_id, [recorder.note(now, canary), recorder.sensor_reading(now, 137.0)])
    await patient.session.upload_photo(patient.account_id, picture())
    comment = AddCommentRequest(patient_id=patient.account_id, request_id=request_id(), text=canary)
    await patient.session.timeline.AddComment(comment)


async def _asks(patient: Person, doctor: Person, canary: str) -> None:
    """Another consultation, which goes on."""
    opening = OpenConsultationRequest(
        request_id=request_id(), doctor_id=doctor.account_id, mode=CONSULTATION_MODE_TEXT, complaint=canary
    )
    consultation_id = (await patient.session.consultations.OpenConsultation(opening)).consultation.consultation_id
    claim = ClaimConsultationRequest(request_id=request_id(), consultation_id=consultation_id)
    await doctor.session.consultations.ClaimConsultation(claim)
    async with listening(patient, consultation_id) as ear:
        await ear.talk.say(canary)
        await ear.talk.show_picture(picture())


async def _orders(patient: Person, market: Market, canary: str) -> None:
    product_id = await market.sell(tablets("止痛片", "painkiller", "N02BE01", "500", on_prescription=False), 990)
    request = QuoteOrderRequest(
        request_id=request_id(),
        pharmacy_id=market.pharmacy_id,
        items=[WantedItem(product_id=product_id, quantity=1)],
        address=Address(recipient="李雷", phone="+8613800000000", lines=canary, position=market.door),
    )
    await place(patient, (await patient.session.orders.QuoteOrder(request)).quote)


async def own_ids(patient: Person, doors: Doors) -> tuple[dict[str, list[str]], bytes]:
    """Every id that the patient's own reads name, by its field; and what they showed."""
    found: dict[str, dict[str, None]] = {"patient_id": {patient.account_id: None}}
    seen, token = b"", await patient.token()
    reads = [method for method in contract.methods().values() if _is_own_read(method)]
    for _ in range(2):  # what the first round names, the second can ask for
        for method in reads:
            for request in _asked(method, patient.account_id, found):
                outcome = await doors.call("gateway", method.path, request, token)
                seen += outcome.answer
                answer = GetMessageClass(method.descriptor.output_type).FromString(outcome.answer)
                for name, value in _ids_in(answer):
                    found.setdefault(name, {})[value] = None
    return {name: list(values) for name, values in found.items()}, seen


def _ids_in(message: Message) -> Iterator[tuple[str, str]]:
    for field, value in message.ListFields():
        values = value if field.is_repeated else [value]
        for one in values:
            if field.message_type:
                yield from _ids_in(one)
            elif isinstance(one, str) and UUID.fullmatch(one):
                yield field.name, one


def _is_own_read(method: Method) -> bool:
    signed_in = method.rule is not None and method.rule.signed_in and not method.descriptor.client_streaming
    return signed_in and bool(READS.search(method.path)) and not any(name in method.path for name in ABOUT_ALL)


def _asked(method: Method, patient_id: str, known: Mapping[str, Iterable[str]]) -> list[bytes]:
    """The read as it is; one that asks for a thing by its id asks for each that is known by that name."""
    request = minimal_request(method, patient_id)
    wanted = [name for name in request.DESCRIPTOR.fields_by_name if name.endswith("_id") and name != "patient_id"]
    if len(wanted) != 1:
        return [request.SerializeToString()]
    found = []
    for one in list(known.get(wanted[0], ())):
        setattr(request, wanted[0], one)
        found.append(request.SerializeToString())
    return found
