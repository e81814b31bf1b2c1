"""What one open watch may show of each of its patients: identity's last answer, and never an older one."""

import asyncio
from uuid import UUID

from kit.views import EVERYTHING, NOTHING, View
from services.glucose.rpc.sharing import watched


class Rights:
    """The views of one watch."""

    def __init__(self, watcher: UUID) -> None:
        self.watcher = watcher
        """The account."""
        self._views = {str(watcher): watched(EVERYTHING)}
        self._checks: dict[str, asyncio.Task[None]] = {}

    def keep(self, patient: str, view: View) -> None:
        """From now on this is shown of the patient."""
        self._views[patient] = watched(view)

    def doubt(self, patient: str, check: asyncio.Task[None]) -> None:
        """What is shown of the patient may have changed: nothing is, until this check is done."""
        self._checks[patient] = check

    async def view(self, patient: str) -> View:
        """What is shown of the patient now, once nothing is in doubt."""
        while (check := self._checks.get(patient)) is not None:
            await asyncio.wait([check])
            if self._checks.get(patient) is check:
                del self._checks[patient]
        return self._views.get(patient, NOTHING)
