"""Who answers the demo's alerts: most patients soon, two of them never, so that the clinic must."""

import asyncio
from collections.abc import Callable
from typing import Self
from uuid import uuid4

from apricot.glucose.v1.alert_pb2 import AcknowledgeAlertRequest, Alert

from clients.sdk import ApricotError
from stack.demo.people import SignedIn

PATIENT_SECONDS = 2.5
CLINICIAN_SECONDS = 3.0
_PAUSE_SECONDS = 1.0


class Answers:
    """Acknowledges what one person was told, some seconds later; used in a `with`."""

    def __init__(self, person: SignedIn, seconds: float, rests: Callable[[], bool] = lambda: False) -> None:
        """While it `rests` it answers nothing; a person does."""
        self._person = person
        self._rests = rests
        self._seconds = seconds
        self._taken: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing more is answered: the session may be over."""
        for task in self._tasks:
            task.cancel()

    def consider(self, alert: Alert) -> None:
        """Answer it when it is active, ours to answer and not answered yet."""
        mine = [one for one in alert.recipients if one.account_id == self._person.account_id]
        waits = mine and not alert.HasField("resolve_time") and not mine[0].HasField("acknowledge_time")
        if waits and alert.alert_id not in self._taken:
            self._taken.add(alert.alert_id)
            task = asyncio.create_task(self._answer(alert))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, alert: Alert) -> None:
        await asyncio.sleep(self._seconds)
        if self._rests():
            self._taken.discard(alert.alert_id)
            return
        request = AcknowledgeAlertRequest(patient_id=alert.patient_id, alert_id=alert.alert_id, request_id=str(uuid4()))
        try:
            await self._person.session.alerts.AcknowledgeAlert(request)
        except ApricotError:
            self._taken.discard(alert.alert_id)  # told again, it is answered again


async def answer_own(owner: SignedIn) -> None:
    """A patient who looks at the phone: answers their own alerts, for ever."""
    with Answers(owner, PATIENT_SECONDS) as answers:
        while True:
            try:
                async with owner.session.watch([owner.account_id], snapshot_minutes=1) as watch:
                    async for update in watch:
                        for alert in (*update.snapshot.active_alerts, update.alert_changed.alert):
                            answers.consider(alert)
            except ApricotError as error:
                await owner.recover(error)
                await asyncio.sleep(_PAUSE_SECONDS)
