"""What a patient has opened to her: the grants, as she who holds them sees them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from uuid import uuid4

from apricot.access.v1.access_pb2 import SCOPE_UNSPECIFIED, Scope
from apricot.identity.v1.care_pb2 import Grant, ListHeldGrantsRequest, RevokeAccessRequest
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.desk import Desk

_LOOK_SECONDS = 30
SOON = timedelta(hours=48)
"""What ends within it is counted down."""


class Standing(Enum):
    """Where a grant stands."""

    LIVE = "live"
    ENDS_SOON = "ends soon"
    EXPIRED = "expired"
    """It has ended by itself."""
    REVOKED = "revoked"
    """Somebody has ended it: the patient, or she gave it back."""

    @property
    def is_open(self) -> bool:
        return self in (Standing.LIVE, Standing.ENDS_SOON)


@dataclass(frozen=True)
class Opening:
    """One scope, and what opens it now; no grants: it is not open."""

    scope: Scope.ValueType
    grants: tuple[Grant, ...]


class AccessModel(QObject):
    """Reads anew whenever somebody comes or goes, and twice a minute while somebody looks."""

    changed = Signal()

    def __init__(self, desk: Desk, patient_id: str) -> None:
        super().__init__()
        self.desk = desk
        self.patient_id = patient_id
        self.loaded = False
        self.grants: list[Grant] = []
        """Ended ones too, the newest first."""
        self.giving_back: set[str] = set()
        """Grants that are just being given back."""
        self._next_look = desk.now()
        self._loading = self._stale = False
        desk.feed.patients_changed.connect(self.load)

    def load(self) -> None:
        """See how things stand now."""
        if self._loading:
            self._stale = True
        else:
            self._loading = True
            self.desk.tasks.spawn(self._load())

    def look(self) -> None:
        """Somebody looks, second by second."""
        if self.desk.now() >= self._next_look:
            self.load()

    def standing(self, grant: Grant) -> Standing:
        """By this machine's clock."""
        if grant.HasField("revoke_time"):
            return Standing.REVOKED
        if not grant.HasField("expire_time"):
            return Standing.LIVE
        left = grant.expire_time.ToDatetime(UTC) - self.desk.now()
        if left <= timedelta(0):
            return Standing.EXPIRED
        return Standing.ENDS_SOON if left <= SOON else Standing.LIVE

    def openings(self) -> list[Opening]:
        """Every scope of the contract, open or not."""
        live = [grant for grant in self.grants if self.standing(grant).is_open]
        scopes = [scope for scope in Scope.values() if scope != SCOPE_UNSPECIFIED]
        return [Opening(scope, tuple(grant for grant in live if scope in grant.scopes)) for scope in scopes]

    def end_time(self) -> datetime | None:
        """When the last of what is open ends; None: never, or nothing is open."""
        live = [grant for grant in self.grants if self.standing(grant).is_open]
        if not live or not all(grant.HasField("expire_time") for grant in live):
            return None
        return max(grant.expire_time.ToDatetime(UTC) for grant in live)

    def is_mine(self, grant: Grant) -> bool:
        """Whether she may give it back; an organization's is not hers."""
        return grant.account_id == self.desk.account.account_id

    def give_back(self, grant_id: str) -> None:
        """End it. There is no way back but the patient's."""
        self.giving_back.add(grant_id)
        self.changed.emit()
        self.desk.tasks.spawn(self._give_back(grant_id))

    async def _give_back(self, grant_id: str) -> None:
        request = RevokeAccessRequest(request_id=str(uuid4()), grant_id=grant_id)
        try:
            ended = (await self.desk.session.care.RevokeAccess(request)).grant
            self.grants = [ended if grant.grant_id == grant_id else grant for grant in self.grants]
        finally:
            self.giving_back.discard(grant_id)
            self.changed.emit()

    async def _load(self) -> None:
        try:
            while True:
                self._stale = False
                grants = await self._list()
                if not self._stale:
                    break
            self.grants, self.loaded = grants, True
        finally:
            self._loading = False
            self._next_look = self.desk.now() + timedelta(seconds=_LOOK_SECONDS)
            self.changed.emit()

    async def _list(self) -> list[Grant]:
        request, grants = ListHeldGrantsRequest(patient_id=self.patient_id), list[Grant]()
        while True:
            page = await self.desk.session.care.ListHeldGrants(request)
            grants.extend(page.grants)
            if not page.next_page_token:
                return grants
            request.page_token = page.next_page_token
