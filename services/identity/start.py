"""What the first start of a platform leaves behind: the audit chain's beginning, and the first admin's secret."""

import hashlib
import secrets

from kit.database import Database
from services.identity.store import accounts, admin_secret, audit
from services.identity.store.tables import AdminSecret
from services.identity.vault import Vault


async def begin_audit(database: Database, vault: Vault) -> None:
    """Begin the audit chain where there is none."""
    async with database.transaction() as session:
        await audit.begin(session, vault.subkey("audit"))


async def offer_admin(database: Database) -> None:
    """Print the secret that makes the first admin: once, ever; only its hash is kept."""
    secret = secrets.token_urlsafe(24)
    async with database.transaction() as session:
        await admin_secret.lock(session)
        if await accounts.any_admin(session) or await admin_secret.locked(session) is not None:
            return
        session.add(AdminSecret(secret_hash=hashlib.sha256(secret.encode()).digest()))
    print(f"first admin secret: {secret}", flush=True)  # noqa: T201
