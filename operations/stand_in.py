"""What the operator does for missing administrators: reset a second factor, make an administrator.

The act, its audit event and the messages to the owner, and in an emergency to the other administrators, are one
transaction.
"""

from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from kit.clock import Clock, utc_now
from kit.database import Database
from operations.place import Place
from operations.refusals import Reason, Refused
from services.identity import account_changes
from services.identity.domain.account_changes import AdministratorsCanAct, Kind, State, require_operator
from services.identity.domain.audit import Event
from services.identity.domain.indexed import PHONE
from services.identity.domain.notices import Act
from services.identity.store import account_changes as store
from services.identity.store import accounts, audit, owner_notices
from services.identity.vault import Vault

OPERATOR_ID = uuid5(NAMESPACE_URL, "apricot:operator")
"""The actor in the audit."""
ACTIONS = {
    (Kind.RESET_SECOND_FACTOR, False): "apricot.operations.ResetSecondFactor",
    (Kind.RESET_SECOND_FACTOR, True): "apricot.operations.ResetSecondFactorInEmergency",
    (Kind.GIVE_ADMIN, False): "apricot.operations.MakeAdmin",
    (Kind.GIVE_ADMIN, True): "apricot.operations.MakeAdminInEmergency",
}


@dataclass(frozen=True)
class Wanted:
    """What is asked for."""

    kind: Kind
    phone: str
    emergency: bool = False
    """Whether to act though other administrators could."""


async def stand_in_at(place: Place, wanted: Wanted) -> None:
    """Do it to a platform's data. Raise `Refused` with NO_KEY, UNKNOWN_ACCOUNT or ADMINISTRATORS_CAN_ACT."""
    if place.vault is None or place.sealing_keys is None:
        raise Refused(Reason.NO_KEY, "APRICOT_IDENTITY_KEY and APRICOT_SEALING_KEYS are needed")
    database = Database(place.database_url, "identity", place.sealing_keys, pool_size=2)
    try:
        await stand_in(database, place.vault, wanted, utc_now)
    finally:
        await database.close()


async def stand_in(database: Database, vault: Vault, wanted: Wanted, clock: Clock) -> None:
    """Do it to identity's database. Raise `Refused` with UNKNOWN_ACCOUNT or ADMINISTRATORS_CAN_ACT."""
    now = clock()
    async with database.transaction() as session:
        account = await accounts.by_phone(session, vault.indexed(PHONE, wanted.phone))
        if account is None:
            raise Refused(Reason.UNKNOWN_ACCOUNT, "no account has that phone")
        account_id = account.account_id
        others = await store.other_admins(session, account_id)
        change = await store.open_of(session, account_id, wanted.kind, now)
        proposed = change is not None and change.proposer_id != account_id
        try:
            require_operator(len(others), proposed=proposed, emergency=wanted.emergency)
        except AdministratorsCanAct as error:
            raise Refused(Reason.ADMINISTRATORS_CAN_ACT, str(error)) from error
        if change is not None:
            change.state, change.approver_id, change.effective_time = State.DONE, OPERATOR_ID, now
        await account_changes.make(session, account, wanted.kind, now)
        if wanted.emergency:
            for other in others:
                owner_notices.add(session, other, Act.OPERATOR_ACTED, now)
        event = Event(now, OPERATOR_ID, ACTIONS[wanted.kind, wanted.emergency], account_id, account_id)
        await audit.append(session, vault.subkey("audit"), event)
