"""Who is in which conversation now."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.database import Database


@dataclass(frozen=True, slots=True)
class OpenStream:
    """A device in a conversation."""

    consultation_id: UUID
    patient_id: UUID
    account_id: UUID
    device_id: UUID
    stream_id: UUID


async def other_devices(session: AsyncSession, stream: OpenStream) -> int:
    """How many more of the account's devices are there. Until the transaction ends no further one comes."""
    connection = await session.connection()
    key = {"key": f"{stream.consultation_id}{stream.account_id}"}
    await connection.execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 1))"), key)
    statement = text(
        "select count(*) from present_device where patient_id = :patient_id and consultation_id = :consultation_id"
        " and account_id = :account_id and device_id <> :device_id"
    )
    values = {
        "patient_id": stream.patient_id,
        "consultation_id": stream.consultation_id,
        "account_id": stream.account_id,
        "device_id": stream.device_id,
    }
    count: int = (await connection.execute(statement, values)).scalar_one()
    return count


async def enter(session: AsyncSession, process_id: UUID, stream: OpenStream) -> None:
    """The device is there from now on, in the place of its earlier stream."""
    statement = text(
        "insert into open_stream (consultation_id, account_id, device_id, patient_id, stream_id, process_id)"
        " values (:consultation_id, :account_id, :device_id, :patient_id, :stream_id, :process_id)"
        " on conflict (consultation_id, account_id, device_id)"
        " do update set stream_id = excluded.stream_id, process_id = excluded.process_id, enter_time = now()"
    )
    values = {
        "consultation_id": stream.consultation_id,
        "account_id": stream.account_id,
        "device_id": stream.device_id,
        "patient_id": stream.patient_id,
        "stream_id": stream.stream_id,
        "process_id": process_id,
    }
    await (await session.connection()).execute(statement, values)


async def leave(database: Database, stream: OpenStream) -> bool:
    """The stream is over; whether the account has gone with it: no other device of theirs is there."""
    async with database.connection() as connection:
        await connection.execute(
            "delete from open_stream where consultation_id = $1 and account_id = $2 and device_id = $3"
            " and stream_id = $4",
            stream.consultation_id,
            stream.account_id,
            stream.device_id,
            stream.stream_id,
        )
        is_gone: bool = await connection.fetchval(
            "select not exists (select from present_device where consultation_id = $1 and account_id = $2)",
            stream.consultation_id,
            stream.account_id,
        )
    return is_gone


async def present_accounts(session: AsyncSession, patient_id: UUID, consultation_id: UUID) -> set[UUID]:
    """Of whom a device is there."""
    statement = text(
        "select account_id from present_device where consultation_id = :consultation_id and patient_id = :patient_id"
    )
    values = {"consultation_id": consultation_id, "patient_id": patient_id}
    return set((await (await session.connection()).execute(statement, values)).scalars())


async def say_alive(database: Database, process_id: UUID, streams: Collection[OpenStream]) -> None:
    """The process lives, and these are its streams: of every patient_id. What a crash of the database took away comes
    back; what an outage left behind goes, a minute later since some are just on their way in. What dead processes left
    goes too."""
    async with database.connection() as connection:
        count = await connection.fetchval(
            "insert into stream_process (process_id) values ($1)"
            " on conflict (process_id) do update set seen_time = now()"
            " returning (select count(*) from open_stream where process_id = $1)",
            process_id,
        )
        if count != len(streams):
            await connection.execute(
                "delete from open_stream where process_id = $1 and stream_id <> all($2::uuid[])"
                " and enter_time < now() - interval '1 minute'",
                process_id,
                [stream.stream_id for stream in streams],
            )
            await connection.execute(
                "insert into open_stream (consultation_id, account_id, device_id, patient_id, stream_id, process_id)"
                " select *, $6 from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[])"
                " on conflict do nothing",
                [stream.consultation_id for stream in streams],
                [stream.account_id for stream in streams],
                [stream.device_id for stream in streams],
                [stream.patient_id for stream in streams],
                [stream.stream_id for stream in streams],
                process_id,
            )
        await connection.execute(
            "with dead as (delete from stream_process"
            " where seen_time < now() - interval '10 minutes' returning process_id)"
            " delete from open_stream using dead where open_stream.process_id = dead.process_id"
        )


async def say_ended(database: Database, process_id: UUID) -> None:
    """The process ends: its streams are gone, of every patient_id."""
    async with database.connection() as connection:
        await connection.execute("delete from stream_process where process_id = $1", process_id)
        await connection.execute("delete from open_stream where process_id = $1", process_id)
