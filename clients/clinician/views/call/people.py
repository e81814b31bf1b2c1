"""Who is in a call: by name and picture, for how long, and how well it goes."""

from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QWidget

from clients.clinician.models.call.call import CallModel, Stage
from clients.clinician.models.call.quality import Quality
from clients.clinician.views import identity_words
from clients.clinician.views.call import words
from clients.clinician.views.call.pictures import Picture
from clients.clinician.views.parts import column, label, row
from clients.clinician.views.theme import SPACE, theme

_OWN_SHARE = 0.24


class People(QWidget):
    """The other side, with the own picture in a corner of theirs."""

    def __init__(self, model: CallModel) -> None:
        super().__init__()
        self._model = model
        self._locked = False
        self.name = ""
        """Of the other side, as it is shown; "" while it is not."""
        self._title, self._standing = label(role="title"), label(role="muted", wraps=True)
        self.patient = label(selectable=True, wraps=True)
        self._quality, self._time = label(role="muted"), label(role="heading")
        self._time.setAccessibleName(self.tr("Length of the call"))
        self._picture = Picture()
        self._own = Picture(mirrored=True)
        self._own.setParent(self._picture)
        self._own.setAccessibleName(self.tr("Your own picture"))
        self._lacks = label(role="muted", wraps=True)
        who = column(self._title, self.patient, self._standing, spacing=0)
        how = column(row(None, self._time), row(None, self._quality), spacing=0)
        head = row(who, how, spacing=2 * SPACE)
        head.setStretch(0, 1)
        layout = column(head, self._picture, self._lacks, spacing=2 * SPACE)
        layout.setStretchFactor(self._picture, 1)
        self.setLayout(layout)
        model.media.picture.connect(self._show_picture)
        model.media.own_picture.connect(self._show_own_picture)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_own()

    def show_stage(self, *, locked: bool) -> None:
        """Who is in the call as it stands; nobody while the screen is `locked`."""
        self._locked = locked
        media = self._model.media
        name = "" if self._locked else "、".join(self._model.others) or self.tr("The patient")
        self.patient.setText("" if locked else self._whose())
        self.patient.setVisible(bool(self.patient.text()))
        self._title.setText(self.tr("A call rings. Unlock to answer.") if self._locked and not name else name)
        if not media.shows_picture or not self._model.is_under_way or self._locked:
            self._picture.show_image(None)
        if not media.camera_is_on:
            self._own.show_image(None)
        self._own.setVisible(media.camera_is_on and not self._locked)
        self._own.tell(self._model.own_name)
        self.name = name
        self._picture.setAccessibleName(name)
        lacks = words.lacks(media, picture=self._model.may_show_picture) if self._model.stage is not Stage.ENDED else ""
        if media.muted and self._model.is_under_way:
            lacks = self.tr("You are muted.") + " " + lacks
        self._lacks.setText(lacks)
        self._lacks.setVisible(bool(lacks))

    def _whose(self) -> str:
        """Return whom the consultation is about; others may be in the call too."""
        consultation = self._model.consultation
        if not consultation.patient_id:
            return ""
        who = self._model.desk.feed.identity_in(consultation)
        text = self.tr("Patient: {name} · {facts}")
        return text.format(name=identity_words.name(who), facts=identity_words.facts(who))

    def tell(self) -> None:
        """What changes with time alone."""
        model, media = self._model, self._model.media
        standing = words.standing(model)
        if model.stage is Stage.ACTIVE and self._picture.is_shown and media.picture_is_old:
            standing = self.tr("The picture is frozen")
        elif model.stage is Stage.ACTIVE and not media.shows_picture and model.wants_picture:
            standing = self.tr("Their camera is off")
        is_old = model.stage is Stage.RECONNECTING or (self._picture.is_shown and media.picture_is_old)
        self._picture.tell(self.name, standing if is_old else "")
        self._standing.setText(standing)
        self._time.setText(words.talked(model.talked) if model.was_answered else "")
        quality = model.quality if model.stage is Stage.ACTIVE else Quality.UNKNOWN
        self._quality.setText(words.quality(quality))
        self._quality.setStyleSheet(f"color: {theme().warning if quality is Quality.POOR else theme().muted};")

    def _show_picture(self, image: QImage) -> None:
        if not self._locked:
            self._picture.show_image(image)

    def _show_own_picture(self, image: QImage) -> None:
        self._own.show_image(image)
        self._place_own()

    def _place_own(self) -> None:
        """In the corner of the other one."""
        width = int(self._picture.width() * _OWN_SHARE)
        height = width * 3 // 4
        self._own.setGeometry(
            self._picture.width() - width - SPACE, self._picture.height() - height - SPACE, width, height
        )
