"""Calls as the chain hands them to a method, without a wire."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from kit import contract
from kit.call import Call, Caller
from kit.views import View


class Asleep:
    """A relay that nobody needs."""

    async def wake(self) -> None:
        return


def call(path: str, caller: UUID, views: dict[UUID, View] | None = None) -> Call:
    """A call of a glucose method, such as "PhotoService/DownloadPhoto", that was let in with these views."""
    made = Call(contract.methods()[f"/apricot.glucose.v1.{path}"], str(uuid4()))
    made.signed_in = Caller(caller, uuid4(), frozenset({"patient"}), datetime(2100, 1, 1, tzinfo=UTC))
    made.views = views or {}
    return made
