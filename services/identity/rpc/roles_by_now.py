"""What the gateway asks before it refuses a call for its role: whether the account has the role by now."""

from aiohttp import web

from kit import contract
from kit.call import HOLDS_ROLE
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError
from kit.tokens import TokenVerifier
from services.identity.store import accounts


class RolesByNow:
    """Plain HTTP, for the gateway. The answer is about the token's own account alone, and opens nothing."""

    def __init__(self, database: Database, tokens: TokenVerifier, clock: Clock) -> None:
        self._database = database
        self._tokens = tokens
        self._clock = clock

    async def answer(self, request: web.Request) -> web.Response:
        """Return 200, with a header where the account has a role that may call the method."""
        path = f"/{request.match_info['service']}/{request.match_info['method']}"
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return web.Response(headers={HOLDS_ROLE: "1"} if await self._holds(path, token) else {})

    async def _holds(self, path: str, token: str) -> bool:
        method, now = contract.methods().get(path), self._clock()
        if method is None or method.rule is None:
            return False
        try:
            caller = await self._tokens.verify(token, now)
        except ApricotError:
            return False
        async with self._database.transaction() as session:
            held = await accounts.roles_of(session, caller.account_id, now)
        return not {contract.role_name(role) for role in method.rule.roles.any_of}.isdisjoint(held)
