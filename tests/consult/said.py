"""What the database has of a conversation, opened."""

from uuid import UUID

from apricot.consult.v1.conversation_pb2 import MessageContent

from kit.database import Database
from services.consult.store.conversation_tables import MESSAGE_CONTENT


async def said_in(database: Database, consultation_id: str) -> list[MessageContent]:
    """In order."""
    query = "select content from message where consultation_id = $1 order by sequence"
    async with database.connection() as connection:
        rows = await connection.fetch(query, UUID(consultation_id))
    return [MessageContent.FromString(database.sealing.open(MESSAGE_CONTENT, row["content"])) for row in rows]
