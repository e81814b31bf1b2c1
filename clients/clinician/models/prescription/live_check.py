"""The platform's safety check, made anew after each change. What is not checked is never taken for safe."""

from collections.abc import Awaitable, Callable, Sequence
from enum import Enum, auto
from typing import Protocol

from apricot.consult.v1.prescription_pb2 import Finding
from PySide6.QtCore import QObject, QTimer, Signal

from clients.clinician.models.desk import Desk
from clients.sdk import ApricotError

_PAUSE_MILLISECONDS = 300
_AGAIN_MILLISECONDS = 5000
_KEPT_MILLISECONDS = 300_000
"""After so long it is checked again: what is known of the patient may have changed elsewhere."""


class CheckState(Enum):
    """Whether the findings are those of what is written now."""

    INCOMPLETE = auto()
    """There is nothing to check yet."""
    CHECKING = auto()
    """Something was changed; the answer is to come."""
    UNREACHABLE = auto()
    """The checker does not answer; it is asked again by itself."""
    REFUSED = auto()
    """The platform does not check this; `error` says why."""
    CHECKED = auto()


class Findings(Protocol):
    """An answer of `CheckPrescription` or `CheckPlan`."""

    @property
    def findings(self) -> Sequence[Finding]: ...


class LiveCheck[Request](QObject):
    """Of many changes the newest is checked."""

    changed = Signal()

    def __init__(self, desk: Desk, method: Callable[[Request], Awaitable[Findings]]) -> None:
        super().__init__()
        self._desk = desk
        self._method = method
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._send)
        desk.closing.connect(self._timer.stop)
        self._request: Request | None = None
        self._asked = 0
        self.state = CheckState.INCOMPLETE
        self.findings: Sequence[Finding] = ()
        """Of the last check, the gravest first; those of now only where `state` is CHECKED."""
        self.error: ApricotError | None = None

    def ask(self, request: Request | None) -> None:
        """Check this; None: it is not complete."""
        self._asked += 1
        self._request = request
        if request is None:
            self._timer.stop()
            self._tell(CheckState.INCOMPLETE)
        else:
            self._timer.start(_PAUSE_MILLISECONDS)
            self._tell(CheckState.CHECKING)

    def again(self) -> None:
        """What is known of the patient may have changed."""
        if self._request is not None:
            self.ask(self._request)

    def close(self) -> None:
        """What is still to come counts no more."""
        self._asked += 1
        self._timer.stop()

    def _send(self) -> None:
        if self._request is not None:
            self._desk.tasks.spawn(self._check(self._asked, self._request))

    async def _check(self, asked: int, request: Request) -> None:
        try:
            findings = (await self._method(request)).findings
        except ApricotError as error:
            if asked == self._asked:
                self._tell(CheckState.UNREACHABLE if error.temporary else CheckState.REFUSED, error)
                if error.temporary:
                    self._timer.start(_AGAIN_MILLISECONDS)
            return
        if asked == self._asked:
            self.findings = tuple(findings)
            self._tell(CheckState.CHECKED)
            self._timer.start(_KEPT_MILLISECONDS)

    def _tell(self, state: CheckState, error: ApricotError | None = None) -> None:
        self.state, self.error = state, error
        self.changed.emit()
