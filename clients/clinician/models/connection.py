"""Whether what the screen shows is true: live, catching up, or stale since an instant."""

from dataclasses import dataclass, replace
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
    alerts_complete_until: datetime | None = None
    """Every reading before this instant was looked at for alerts; None before it was ever live."""
    is_stale: bool = False
    """Whether the screen shows the past: from the loss of the connection until everything missed has arrived."""


class Connection(QObject):
    """Of the live watches; `changed` with the phase. While it is live `complete_until` moves without a signal."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._watches: list[Watch] = []
        self._lost: ApricotError | None = None
        self._nobody = False
        self._stale = False
        self._known_until: datetime | None = None
        self._alerts_known_until: datetime | None = None

    @property
    def standing(self) -> Standing:
        """As it is now: as the worst of the watches."""
        found = self._look()
        if found.phase is not Phase.CATCHING_UP:  # what comes after a loss is still the past
            self._stale = found.phase is Phase.STALE
        return replace(found, is_stale=self._stale)

    def nobody_to_watch(self) -> None:
        """Nobody shows her anything, and that is the truth."""
        self._lost, self._nobody = None, True
        self.changed.emit()

    def begin(self, watch: Watch) -> None:
        """One more watch carries what is shown."""
        self._lost, self._nobody = None, False
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
        self._lost, self._nobody = cause, False
        self.changed.emit()

    def _look(self) -> Standing:
        if self._lost is not None or not self._watches:
            phase = Phase.STALE if self._lost else Phase.LIVE if self._nobody else Phase.CATCHING_UP
            return Standing(phase, self._known_until, self._lost, self._alerts_known_until)
        states = [watch.state for watch in self._watches]
        worst = min(states, key=lambda state: _WORST_FIRST.index(state.phase))
        self._known_until = _of_all([state.complete_until for state in states]) or self._known_until
        self._alerts_known_until = (
            _of_all([state.alerts_complete_until for state in states]) or self._alerts_known_until
        )
        return Standing(worst.phase, self._known_until, worst.cause, self._alerts_known_until)


def _of_all(instants: list[datetime | None]) -> datetime | None:
    """The earliest; none while one is not known."""
    known = [instant for instant in instants if instant is not None]
    return min(known) if len(known) == len(instants) else None
