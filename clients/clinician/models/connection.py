"""Whether what the screen shows is true: live, catching up, or stale since an instant."""

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from clients.sdk import ApricotError, Phase, Watch, WatchState

_WORST_FIRST = [Phase.STALE, Phase.CATCHING_UP, Phase.LIVE]


@dataclass(frozen=True)
class Standing:
    """The connection as it is."""

    phase: Phase = Phase.CATCHING_UP
    complete_until: datetime | None = None
    """Every change before this instant (UTC, the platform's clock) is on the screen; None before it was ever live."""
    cause: ApricotError | None = None
    """Why it is stale."""


class Connection(QObject):
    """Of the live watches; `changed` with the phase. While it is live `complete_until` moves without a signal."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._watches: list[Watch] = []
        self._lost: ApricotError | None = None
        self._known_until: datetime | None = None

    @property
    def standing(self) -> Standing:
        """As it is now: as the worst of the watches."""
        if self._lost is not None or not self._watches:
            phase = Phase.STALE if self._lost else Phase.CATCHING_UP
            return Standing(phase, self._known_until, self._lost)
        worst = min((watch.state for watch in self._watches), key=lambda state: _WORST_FIRST.index(state.phase))
        instants = [watch.state.complete_until for watch in self._watches if watch.state.complete_until]
        if len(instants) == len(self._watches):
            self._known_until = min(instants)
        return Standing(worst.phase, self._known_until, worst.cause)

    def begin(self, watch: Watch) -> None:
        """One more watch carries what is shown."""
        self._lost = None
        self._watches.append(watch)
        self.changed.emit()

    def end(self, watch: Watch) -> None:
        """It does so no more."""
        self._known_until = self.standing.complete_until
        self._watches.remove(watch)
        self.changed.emit()

    def tell(self, _: WatchState) -> None:
        """A watch is in another phase."""
        self.changed.emit()

    def lost(self, cause: ApricotError) -> None:
        """There is no watch, and nothing is known from here on."""
        self._lost = cause
        self.changed.emit()
