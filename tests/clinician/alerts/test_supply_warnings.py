"""What a prescriber is warned of, on her page of alerts."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from apricot.pharmacy.v1.refill_pb2 import ListSupplyWarningsRequest
from pytestqt.qtbot import QtBot

from clients.clinician.models.workplace import Workplace
from clients.clinician.pages import Pages
from clients.clinician.views.alerts.supplies import SuppliesCard
from clients.clinician.views.shell.window import Place, Window
from kit.database import Database
from services.pharmacy.store.tables import SupplyWarningRow
from stack.platform import Platform
from tests.clinician.alerts.happening import patient_of
from tests.kit.running import until
from tests.people import People, Person

RAN_OUT, FELL_BEHIND = 1, 2


async def warned(platform: Platform, doctor: Person, patient: Person, kind: int) -> None:
    now = datetime.now(UTC)
    row = SupplyWarningRow(
        warning_id=uuid4(),
        patient_id=UUID(patient.account_id),
        clinician_id=UUID(doctor.account_id),
        atc_code="A10BA02",
        name_zh="二甲双胍",
        name_en="metformin",
        kind=kind,
        lot_time=now - timedelta(days=30),
        create_time=now,
    )
    database = Database(platform.database_url, "pharmacy", platform.sealing_keys("pharmacy"))
    async with database.transaction() as session:
        session.add(row)
    await database.close()


def texts(card: SuppliesCard) -> list[str]:
    return [button.accessibleName() for button in card.buttons]


async def test_what_ran_out_is_shown_until_she_has_seen_it(
    qtbot: QtBot, people: People, doctor: Person, workplace: Workplace, platform: Platform
) -> None:
    patient = await patient_of(people, doctor)
    await warned(platform, doctor, patient, RAN_OUT)
    await warned(platform, doctor, patient, FELL_BEHIND)  # and she may not read the doses
    window = Window(workplace)
    qtbot.addWidget(window)
    card = Pages(window, workplace).alerts.findChild(SuppliesCard)
    assert isinstance(card, SuppliesCard)
    window.go(Place(1))
    window.show()
    assert not card.isVisible()
    workplace.open()
    await until(lambda: patient.account_id in workplace.desk.feed.patients)
    name = workplace.desk.feed.identity(patient.account_id).record_number
    await until(lambda: len(texts(card)) == 1 and name in texts(card)[0])
    assert "二甲双胍 metformin has run out" in texts(card)[0]
    await until(card.isVisible)
    card.buttons[0].click()
    await until(lambda: not card.isVisible())

    async def acknowledged() -> bool:
        request = ListSupplyWarningsRequest(open_only=True)
        return not (await doctor.session.refills.ListSupplyWarnings(request)).warnings

    await until(acknowledged)
