"""Lists whose rows move by themselves."""

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject
from PySide6.QtWidgets import QAbstractItemView

from clients.clinician.models.rest import Rest

_CLICKS = {QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick}


class RestingClicks(QObject):
    """Swallows clicks on a list for a moment after its rows have moved: they were meant for another row."""

    def __init__(self, view: QAbstractItemView, model: QAbstractItemModel, rest: Rest) -> None:
        super().__init__(view)
        self._rest = rest
        for moved in model.layoutChanged, model.rowsInserted, model.rowsRemoved, model.rowsMoved, model.modelReset:
            moved.connect(rest.begin)
        view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return event.type() in _CLICKS and not self._rest.is_over
