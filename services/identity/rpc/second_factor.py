"""The second factor: shown at sign-in and by a proof, begun, confirmed, replaced; and its recovery codes."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from kit.clock import Clock
from services.identity.domain import factors, recovery
from services.identity.domain.notices import Act
from services.identity.store import account_changes, accounts, owner_notices, recovery_codes
from services.identity.store.tables import Account, SecondFactor
from services.identity.vault import Vault

_PURPOSE = "totp"


class SecondFactors:
    """Knows accounts' second factors; each method works within the caller's transaction."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    async def show(self, session: AsyncSession, account: Account, totp_code: str, recovery_code: str) -> bool:
        """Take in a code of the account's second factor; return False when it has none. Raise `SecondFactorRequired`
        without a code, `SecondFactorInvalid` for a wrong one."""
        factor = await accounts.second_factor(session, account.account_id)
        if factor is None or factor.confirm_time is None:
            return False
        if recovery_code:
            await self._spend(session, account, recovery_code)
        elif totp_code:
            secret = self._opened(account.account_id, factor.sealed_secret)
            factor.last_step = factors.step_of(secret, totp_code, self._clock(), factor.last_step)
        else:
            raise factors.SecondFactorRequired
        await account_changes.withdraw_resets(session, account.account_id)  # its owner has it
        return True

    async def begin(self, session: AsyncSession, account_id: UUID, secret: str) -> None:
        """Keep a secret that waits for its first code; a confirmed one stays until then."""
        factor = await accounts.second_factor(session, account_id)
        sealed = self._vault.seal(_PURPOSE, str(account_id), secret.encode())
        if factor is not None and factor.confirm_time is not None:
            factor.sealed_next_secret = sealed
        else:
            await session.merge(SecondFactor(account_id=account_id, sealed_secret=sealed))

    async def confirm(self, session: AsyncSession, account: Account, totp_code: str) -> bool:
        """Confirm what waits by its first code; return whether it replaced another. Raise `NoSecondFactor` when
        nothing waits, `SecondFactorInvalid` for a wrong code."""
        factor = await accounts.second_factor(session, account.account_id)
        if factor is None:
            raise factors.NoSecondFactor
        replaces = factor.confirm_time is not None
        waiting = factor.sealed_next_secret if replaces else factor.sealed_secret
        if waiting is None:
            raise factors.NoSecondFactor
        now = self._clock()
        factor.last_step = factors.step_of(self._opened(account.account_id, waiting), totp_code, now, None)
        factor.sealed_secret, factor.sealed_next_secret, factor.confirm_time = waiting, None, now
        act = Act.SECOND_FACTOR_REPLACED if replaces else Act.SECOND_FACTOR_CONFIRMED
        owner_notices.add(session, account, act, now)
        return replaces

    def recovery_codes(self, account_id: UUID, request_id: str) -> list[str]:
        """Return the codes of a request: its repeat gets them again, and no stored answer holds them."""
        return recovery.codes_of(
            lambda number: self._vault.derive("recovery-codes", str(account_id), request_id, number)
        )

    async def keep_recovery_codes(self, session: AsyncSession, account_id: UUID, codes: list[str]) -> None:
        """Make these the account's recovery codes; of each only a keyed hash is kept."""
        await recovery_codes.replace(session, account_id, [self._hash(account_id, code) for code in codes])

    async def _spend(self, session: AsyncSession, account: Account, typed: str) -> None:
        code = recovery.normalized(typed)
        if code is None or not await recovery_codes.spend(
            session, account.account_id, self._hash(account.account_id, code)
        ):
            raise factors.SecondFactorInvalid
        owner_notices.add(session, account, Act.RECOVERY_CODE_USED, self._clock())

    def _hash(self, account_id: UUID, code: str) -> bytes:
        return recovery.code_hash(self._vault.subkey("recovery-code"), str(account_id), code)

    def _opened(self, account_id: UUID, sealed: bytes) -> str:
        return self._vault.open(_PURPOSE, str(account_id), sealed).decode()
