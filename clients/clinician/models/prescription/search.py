"""Medicines found while somebody types: of many questions the newest alone is answered."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from apricot.pharmacy.v1.catalog_pb2 import SearchProductsRequest
from apricot.pharmacy.v1.product_pb2 import ProductContent
from PySide6.QtCore import QObject, QTimer, Signal

from clients.clinician.models.desk import Desk
from clients.clinician.models.prescription import amounts
from clients.clinician.models.prescription.amounts import plain
from clients.sdk import ApricotError

_PAUSE_MILLISECONDS = 120
_PAGE, _SHOWN = 50, 8
_ATC_GROUP = re.compile(r"[A-DGHJLMNPRSV][0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?")
"""A whole level of ATC: typed instead of a name, it lists its group."""


@dataclass(frozen=True)
class Medicine:
    """One substance in one strength and form, whoever makes it."""

    atc_code: str
    name_zh: str
    name_en: str
    strength: str
    strength_unit: str
    strength_text: str
    """Where one number does not tell it, such as "50 mg/850 mg"; else empty."""
    form: int
    container: str
    """What packs of it are counted in, such as {pen}."""
    holds: str
    """What one of those holds; empty: not told."""
    holds_unit: str


class Phase(Enum):
    """Of a question."""

    IDLE = auto()
    """Nothing was asked."""
    ASKING = auto()
    ANSWERED = auto()
    FAILED = auto()


class MedicineSearch(QObject):
    """Asks the pharmacies' catalogue which medicines there are; who sells them is for the patient to choose."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE_MILLISECONDS)
        self._timer.timeout.connect(self._send)
        desk.closing.connect(self._timer.stop)
        self._asked = 0
        self.query = ""
        self.phase = Phase.IDLE
        self.found: list[Medicine] = []

    def ask(self, query: str) -> None:
        """Look for this; whatever was asked before is forgotten."""
        self.query = query.strip()
        self._asked += 1
        if self.query:
            self._tell(Phase.ASKING, self.found)
            self._timer.start()
        else:
            self._timer.stop()
            self._tell(Phase.IDLE, [])

    def _send(self) -> None:
        self._desk.tasks.spawn(self._search(self._asked, self.query))

    async def _search(self, asked: int, query: str) -> None:
        request = SearchProductsRequest(page_size=_PAGE)
        if _ATC_GROUP.fullmatch(query.upper()):
            request.atc_prefix = query.upper()
        else:
            request.query = query[:100]
        try:
            answer = await self._desk.session.catalog.SearchProducts(request)
        except ApricotError:
            if asked == self._asked:
                self._tell(Phase.FAILED, [])
            return
        if asked == self._asked:
            medicines = dict.fromkeys(_medicine(found.product.content) for found in answer.products)
            self._tell(Phase.ANSWERED, list(medicines)[:_SHOWN])

    def _tell(self, phase: Phase, found: list[Medicine]) -> None:
        self.phase, self.found = phase, found
        self.changed.emit()


def _medicine(content: ProductContent) -> Medicine:
    measured, packs = amounts.number(content.pack_measure.value), amounts.number(content.pack.value)
    one = plain(measured / packs) if measured and packs else ""
    return Medicine(
        atc_code=content.atc_code,
        name_zh=content.name_zh,
        name_en=content.name_en,
        strength=content.strength.value,
        strength_unit=content.strength.unit,
        strength_text=content.strength_text,
        form=content.form,
        container=content.pack.unit,
        holds=one,
        holds_unit=content.pack_measure.unit,
    )
