"""After a sleep, or on another network: reconnect now, rather than when a silence is noticed."""

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QNetworkInformation

from clients.clinician.models.desk import Clock, Desk, utc_now

_JUMP_SECONDS = 5.0
"""Between two ticks of a second lies so much only where the machine slept, or its clock was set."""


class Wake(QObject):
    """Watches the wall clock and the operating system's word on the network."""

    def __init__(self, desk: Desk, *, wall: Clock = utc_now) -> None:
        super().__init__()
        self._desk = desk
        self._wall = wall
        self._ticked = wall()
        desk.second.connect(self._tick)
        QNetworkInformation.loadDefaultBackend()
        if network := QNetworkInformation.instance():
            network.reachabilityChanged.connect(self._reachability_changed)

    def _tick(self) -> None:
        now = self._wall()
        if abs((now - self._ticked).total_seconds()) > _JUMP_SECONDS:
            self._desk.session.reconnect()
        self._ticked = now

    def _reachability_changed(self, reachability: QNetworkInformation.Reachability) -> None:
        if reachability is QNetworkInformation.Reachability.Online:
            self._desk.session.reconnect()
