"""A picture in a window of its own, as large as the screen lets it be."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from clients.clinician.views.theme import theme


class PictureWindow(QWidget):
    """Escape or a click closes it."""

    def __init__(self, content: bytes, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Dialog)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Picture"))
        self.setAccessibleName(self.tr("Picture"))
        self.image = QImage.fromData(content)
        most = parent.screen().availableSize() * 0.85
        self.resize(self.image.size().scaled(most, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(320, 240)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("window"))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = self.rect()
        place.setSize(self.image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio))
        place.moveCenter(self.rect().center())
        painter.drawImage(place, self.image)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.close()
