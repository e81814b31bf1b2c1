"""Consultations in the background, one after the other: a patient asks, the clinician takes the question, they talk,
and it ends with advice and a rating. What is done goes by the gateway; what is shown is what the conversation tells."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ, SCOPE_REPORT_READ
from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_MODE_TEXT,
    CONSULTATION_STATE_ACTIVE,
    CONSULTATION_STATE_WAITING,
    CancelConsultationRequest,
    ClaimConsultationRequest,
    CloseConsultationRequest,
    Consultation,
    ListConsultationsRequest,
    OpenConsultationRequest,
    Outcome,
)
from apricot.consult.v1.conversation_pb2 import Card, ReadingWindow
from apricot.consult.v1.rating_pb2 import RateConsultationRequest

from clients.sdk import ApricotError
from stack.demo.people import SignedIn
from stack.demo.practice import open_practice
from stack.demo.screen import Lines
from stack.demo.scripts import SCRIPTS, Script, Step
from stack.demo.talk import Talk

if TYPE_CHECKING:
    from clients.sdk import Conversation

_READING_SECONDS = 2.0
_TYPING_SECONDS = 2.0
_PAUSE_SECONDS = 30.0
_LOOK_SECONDS = 1.0


type Attended = Callable[[], bool]
"""Tells whether a person has the clinician's app open: then the questions are hers, and nobody acts for her."""


async def consult(
    patients: Sequence[SignedIn], clinician: SignedIn, talk: Talk, screen: Lines, attended: Attended
) -> None:
    """Play the scripts, for ever; a patient each."""
    number = 0
    while True:
        await _until_unattended(attended)
        script, patient = SCRIPTS[number % len(SCRIPTS)], patients[number % len(patients)]
        try:
            await open_practice(clinician.session)
            await _leave_nothing_open(patient, clinician)
            await _play(script, patient, clinician, _Shown(talk, screen), attended)
            number += 1
        except ApricotError as error:
            screen.say(f"the consultation broke off: {error}")
            await patient.recover(error)
            await clinician.recover(error)
        await asyncio.sleep(_PAUSE_SECONDS)


class _Shown:
    """The consultation as the patient's conversation tells it."""

    def __init__(self, talk: Talk, screen: Lines) -> None:
        self._talk = talk
        self._screen = screen

    def begin(self, consultation: Consultation) -> None:
        self._talk.begin(consultation)
        self._screen.talked()

    def happened(self, who: str, text: str) -> None:
        self._talk.happened(datetime.now(UTC), text, who)
        self._screen.talked()

    async def follow(self, conversation: "Conversation") -> None:
        """Until the conversation is left."""
        async for update in conversation:
            self._talk.apply(update)
            if update.HasField("message"):
                conversation.read_up_to(update.message.sequence)
            self._screen.talked()


async def _leave_nothing_open(patient: SignedIn, clinician: SignedIn) -> None:
    """End what an earlier run began: a patient may have five open."""
    listed = await patient.session.consultations.ListConsultations(ListConsultationsRequest())
    for one in listed.consultations:
        if one.state == CONSULTATION_STATE_WAITING:
            cancel = CancelConsultationRequest(request_id=str(uuid4()), consultation_id=one.consultation_id)
            await patient.session.consultations.CancelConsultation(cancel)
        elif one.state == CONSULTATION_STATE_ACTIVE and one.doctor_id == clinician.account_id:
            await _close(one, Outcome(summary="The talk broke off; please ask again."), clinician)


async def _play(script: Script, patient: SignedIn, clinician: SignedIn, shown: _Shown, attended: Attended) -> None:
    opening = OpenConsultationRequest(
        request_id=str(uuid4()),
        department_code=script.department_code,
        mode=CONSULTATION_MODE_TEXT,
        complaint=script.complaint,
        shared_scopes=[SCOPE_GLUCOSE_READ, SCOPE_REPORT_READ],
    )
    opened = (await patient.session.consultations.OpenConsultation(opening)).consultation
    shown.begin(opened)
    await asyncio.sleep(_READING_SECONDS)
    if attended():
        return  # the question stays in the pool, for her
    claim = ClaimConsultationRequest(request_id=str(uuid4()), consultation_id=opened.consultation_id)
    await clinician.session.consultations.ClaimConsultation(claim)
    async with (
        patient.session.converse(opened.consultation_id, str(uuid4())) as asking,
        clinician.session.converse(opened.consultation_id, str(uuid4())) as answering,
        asyncio.TaskGroup() as group,
    ):
        following = [group.create_task(shown.follow(asking)), group.create_task(_read(answering))]
        is_played = await _talk(script, asking, answering, attended)
        if is_played:
            await _close(opened, script.outcome, clinician)
            await asyncio.sleep(_READING_SECONDS)
        for task in following:
            task.cancel()
    if not is_played:
        return
    rate = RateConsultationRequest(
        request_id=str(uuid4()),
        consultation_id=opened.consultation_id,
        stars=script.stars,
        comment=script.comment,
    )
    await patient.session.ratings.RateConsultation(rate)
    shown.happened(opened.patient_name, f"rates {'★' * script.stars} {script.comment}")


async def _talk(script: Script, asking: "Conversation", answering: "Conversation", attended: Attended) -> bool:
    """Say what the script says. Return whether it was played to its end: she may have come meanwhile, and goes on."""
    for step in script.steps:
        if attended():
            return False
        await _act(step, answering if step.by_clinician else asking)
    return not attended()


async def _until_unattended(attended: Attended) -> None:
    while attended():
        await asyncio.sleep(_LOOK_SECONDS)


async def _act(step: Step, conversation: "Conversation") -> None:
    await asyncio.sleep(_READING_SECONDS)
    if step.hours_shown:
        now = datetime.now(UTC)
        window = ReadingWindow()
        window.start_time.FromDatetime(now - timedelta(hours=step.hours_shown))
        window.end_time.FromDatetime(now)
        await conversation.show_card(Card(reading_window=window))
        return
    conversation.typing()
    await asyncio.sleep(_TYPING_SECONDS)
    await conversation.say(step.text)


async def _read(conversation: "Conversation") -> None:
    """The clinician reads what comes."""
    async for update in conversation:
        if update.HasField("message"):
            conversation.read_up_to(update.message.sequence)


async def _close(consultation: Consultation, outcome: Outcome, clinician: SignedIn) -> None:
    close = CloseConsultationRequest(
        request_id=str(uuid4()), consultation_id=consultation.consultation_id, outcome=outcome
    )
    await clinician.session.consultations.CloseConsultation(close)
