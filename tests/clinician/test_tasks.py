"""What runs behind the models begins while the loop rests, and ends with the desk."""

import asyncio

from apricot.consult.v1.prescription_pb2 import CheckPrescriptionRequest
from PySide6.QtCore import QTimer

from clients.clinician.models.prescription.live_check import LiveCheck
from clients.clinician.models.prescription.search import MedicineSearch
from clients.clinician.models.problems import Problems
from clients.clinician.models.tasks import Tasks
from tests.clinician.conftest import OpenDesk
from tests.people import Person


def test_what_is_begun_while_the_loop_rests_runs_when_it_turns() -> None:
    done: list[bool] = []

    async def made() -> Tasks:
        return Tasks(Problems())

    async def work() -> None:
        done.append(True)

    loop = asyncio.new_event_loop()
    begun = loop.run_until_complete(made()).spawn(work())
    assert not done
    loop.run_until_complete(begun)
    loop.close()
    assert done


async def test_a_closed_desk_asks_nothing_more(clinician: Person, open_desk: OpenDesk) -> None:
    desk = await open_desk(clinician)
    search, check = MedicineSearch(desk), LiveCheck(desk, desk.session.prescriptions.CheckPrescription)
    search.ask("met")
    check.ask(CheckPrescriptionRequest())
    timers = [timer for model in (search, check) for timer in model.findChildren(QTimer)]
    assert all(timer.isActive() for timer in timers)
    await desk.close()
    assert not any(timer.isActive() for timer in timers)
