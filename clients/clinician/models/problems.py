"""What went wrong, for somebody to read."""

from PySide6.QtCore import QObject, Signal

from clients.sdk import ApricotError


class Problems(QObject):
    """Where models tell the failures that a person should know of."""

    told = Signal(object)
    """An ApricotError; its reason says what to show."""

    def tell(self, error: ApricotError) -> None:
        self.told.emit(error)
