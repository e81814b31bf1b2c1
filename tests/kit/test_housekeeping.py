"""What is kept no longer than a week."""

from kit.housekeeping import keep_house
from tests.kit.conftest import Service
from tests.kit.running import running, until


async def test_after_a_week_answers_and_handled_events_go(service: Service) -> None:
    async with service.database.connection() as connection:
        await connection.execute(
            "insert into answered_request (caller_id, request_id, digest, answer, create_time) "
            "select gen_random_uuid(), gen_random_uuid(), '', '', now() - days * interval '1 day' "
            "from unnest(array[0, 6, 8, 30]) as days"
        )
        await connection.execute(
            "insert into handled_event (consumer, event_id, handle_time) "
            "select 'c', days, now() - days * interval '1 day' from unnest(array[0, 6, 8, 30]) as days"
        )
    async with running(keep_house(service.database)):
        await until(lambda: _counts(service, 2, 2))


async def _counts(service: Service, answers: int, events: int) -> bool:
    async with service.database.connection() as connection:
        row = await connection.fetchrow(
            "select (select count(*) from answered_request), (select count(*) from handled_event)"
        )
    return tuple(row) == (answers, events)
