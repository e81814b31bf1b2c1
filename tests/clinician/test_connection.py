"""What the screen says of its own truth."""

from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ, SCOPE_REPORT_READ

from clients.clinician.views.shell.connection_badge import ConnectionBadge
from clients.sdk import Phase
from tests.clinician.conftest import OpenDesk
from tests.kit.running import until
from tests.people import People, Person


async def test_the_connection_is_live_once_the_watch_is(people: People, clinician: Person, open_desk: OpenDesk) -> None:
    patient = await people.patient()
    await patient.grant(clinician, SCOPE_GLUCOSE_READ)
    desk = await open_desk(clinician)
    badge = ConnectionBadge(desk)
    assert "Catching up" in badge.text()
    await until(lambda: desk.connection.standing.phase is Phase.LIVE)
    assert "Live" in badge.text()
    assert desk.connection.standing.complete_until is not None
    assert [*desk.feed.patients] == [patient.account_id]


async def test_with_nobody_to_watch_that_is_the_truth(clinician: Person, open_desk: OpenDesk) -> None:
    desk = await open_desk(clinician)
    await until(lambda: desk.connection.standing.phase is Phase.LIVE)
    assert not desk.feed.patients


async def test_who_shows_reports_alone_does_not_end_the_watch_of_all(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    reports, glucose = await people.patient(), await people.patient()
    await reports.grant(clinician, SCOPE_REPORT_READ)
    await glucose.grant(clinician, SCOPE_GLUCOSE_READ)
    desk = await open_desk(clinician)
    await until(lambda: desk.connection.standing.complete_until is not None)
    assert desk.connection.standing.phase is Phase.LIVE
    assert {*desk.feed.patients} == {reports.account_id, glucose.account_id}
