"""Which camera, microphone and loudspeaker a call uses."""

from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout

from clients.clinician.models.call.devices import Kind
from clients.clinician.models.call.media import Media
from clients.clinician.views.parts import label
from clients.clinician.views.theme import SPACE


class DeviceChoice(QFrame):
    """One row for each kind; what this computer does not have is said."""

    def __init__(self, media: Media) -> None:
        super().__init__()
        self._media = media
        self.setProperty("role", "card")
        layout = QGridLayout(self)
        layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        layout.setSpacing(SPACE)
        layout.setColumnStretch(1, 1)
        self._boxes: dict[Kind, QComboBox] = {}
        names = {
            Kind.MICROPHONE: self.tr("Microphone"),
            Kind.SPEAKER: self.tr("Loudspeaker"),
            Kind.CAMERA: self.tr("Camera"),
        }
        for place, (kind, name) in enumerate(names.items()):
            self._boxes[kind] = box = QComboBox()
            box.setAccessibleName(name)
            layout.addWidget(label(name, "muted"), place, 0)
            layout.addWidget(box, place, 1)
            box.activated.connect(self._choose)
        hint = self.tr("With loudspeakers the other side may hear itself. A headset avoids it.")
        layout.addWidget(label(hint, "muted", wraps=True), len(names), 0, 1, 2)
        media.changed.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        for kind, box in self._boxes.items():
            found = self._media.found(kind)
            if [box.itemData(place) for place in range(box.count())] != [each.device_id for each in found] or not found:
                box.clear()
                for each in found:
                    box.addItem(each.name, each.device_id)
                if not found:
                    box.addItem(self.tr("None on this computer"))
            box.setEnabled(bool(found))
            box.setCurrentIndex(max(box.findData(self._media.chosen(kind)), 0))

    def _choose(self) -> None:
        for kind, box in self._boxes.items():
            if box is self.sender() and box.currentData() is not None:
                self._media.choose(kind, box.currentData())
