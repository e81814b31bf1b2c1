"""A patient as the board shows them."""

from dataclasses import dataclass, field
from enum import Enum, IntEnum

from apricot.glucose.v1.alert_pb2 import Alert

from clients.clinician.models.identity import Identity
from clients.clinician.models.ward.chart import Chart, Reading
from clients.readings.levels import Level


class Need(IntEnum):
    """Why a patient stands where they do, the most pressing first."""

    URGENT_LOW = 0
    """An urgent alert of a low that nobody has."""
    URGENT = 1
    """Another urgent alert that nobody has."""
    VERY_LOW = 2
    LOW = 3
    LAST_SEEN_LOW = 4
    """Low when last seen, and silent since."""
    VERY_HIGH = 5
    HIGH = 6
    ALERT = 7
    """In range or silent, with an alert that nobody has."""
    IN_RANGE = 8
    OLD = 9
    """No reading for a while."""
    NONE = 10
    """No reading at all, or nobody can tell."""


class Filter(Enum):
    """Which patients are shown."""

    ALL = "all"
    ATTENTION = "attention"
    """An alert that nobody has; low, very low or very high now, or low when last seen."""
    URGENT = "urgent"
    """An urgent alert is active, whoever has it."""
    LOW = "low"
    HIGH = "high"
    OLD = "old"
    NONE = "none"


class Band(Enum):
    """A patient's level as a head of a group."""

    URGENT = -1
    """An urgent alert that nobody has: a head alone, above all levels, so that no group hides it."""
    VERY_LOW = 0
    LOW = 1
    VERY_HIGH = 2
    HIGH = 3
    IN_RANGE = 4
    OLD = 5
    NONE = 6


class Owner(Enum):
    """Who has a patient's most pressing alert."""

    NOBODY = 0
    ME = 1
    CLINIC = 2
    FAMILY = 3
    PATIENT = 4
    NO_ALERT = 5


type Key = tuple[float, str, str]
"""Sorts: need (and level among the urgent), name, id."""


@dataclass(slots=True, eq=False)
class Row:
    """First what was told, then what the board makes of it once a frame: that alone is shown."""

    patient_id: str
    identity: Identity = field(init=False)
    shows_glucose: bool = True
    """Whether the patient lets her see readings at all."""
    shows_reports: bool = False
    """Whether the patient lets her see reports' figures."""
    is_told: bool = False
    """Whether the platform has told how the patient is."""
    chart: Chart = field(default_factory=Chart)
    alerts: dict[str, Alert] = field(default_factory=dict)
    """The active ones, by id."""
    version: int = 0
    """One more with each change."""

    def __post_init__(self) -> None:
        self.identity = Identity(self.patient_id)

    @property
    def name(self) -> str:
        """As the list is sorted and searched by."""
        return self.identity.name

    is_known: bool = False
    """Whether the platform has told; else nobody can say."""
    newest: Reading | None = None
    level: Level | None = None
    """None: there is no reading, or nobody can say."""
    is_old: bool = False
    """Whether the newest reading says nothing of now any more."""
    rate: float | None = None
    """mg/dL a minute; None where nobody can tell."""
    change: float | None = None
    """mg/dL since the same device's reading one step before; None likewise."""
    alert: Alert | None = None
    """The most pressing one."""
    need: Need = Need.NONE
    band: Band = Band.NONE
    filters: frozenset[Filter] = frozenset()
    """Those that let the patient through."""
    key: Key = (0, "", "")
    trace: list[tuple[float, float, bool]] | None = None
    """Readings to draw: minutes before the newest one, mg/dL, whether from a sensor; made when first drawn."""
