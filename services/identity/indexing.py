"""Rows of an older release are brought over, and only then sealed: without its index nobody finds a sealed value."""

import structlog
from cryptography.exceptions import InvalidTag
from sqlalchemy.exc import IntegrityError

from kit.database import Database
from kit.resealing import Resealing
from kit.rounds import every
from kit.sealing import UnknownKeyError
from services.identity.domain.indexed import LICENCE_NUMBER, PHONE, PUSH_TOKEN
from services.identity.store import accounts, older
from services.identity.store.tables import Account, Device, Licence
from services.identity.vault import Vault

log = structlog.get_logger()

_EVERY_SECONDS = 30.0


class Indexing:
    """Any number of processes share the work."""

    def __init__(self, database: Database, vault: Vault, resealing: Resealing) -> None:
        self._database = database
        self._vault = vault
        self._resealing = resealing

    async def run(self) -> None:
        """Until cancelled."""
        await every(_EVERY_SECONDS, self.bring_over, "the indexing of older rows")

    async def bring_over(self) -> None:
        """Everything that is due, to its end; what somebody holds, and all seals, wait for the next time."""
        try:
            while await self._step():
                pass
        except (IntegrityError, UnknownKeyError, InvalidTag) as error:
            log.error("older rows cannot be brought over, nothing is sealed anew", error=type(error).__name__)
        async with self._database.transaction() as session:
            waits = await older.are_left(session)
        if not waits:
            await self._resealing.walk_all()

    async def _step(self) -> bool:
        """Some rows; whether there were any."""
        async with self._database.transaction() as session:
            found = await older.some(session)
            for row in found:
                match row:
                    case Account():
                        row.phone_index = None if row.delete_time else self._vault.derive(PHONE, row.phone)
                        accounts.set_birth_date(session, row, accounts.born(row))
                    case Device():
                        row.push_token_index = self._vault.derive(PUSH_TOKEN, row.push_token)
                    case Licence():
                        row.number_index = self._vault.derive(LICENCE_NUMBER, row.number)
        return bool(found)
