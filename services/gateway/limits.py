"""How often one user, and one address, may call."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.gateway import callbacks
from services.gateway.access import JWT, TOKEN, keys
from services.gateway.contract import Method
from services.gateway.settings import GatewaySettings
from services.gateway.shape import Config, http_filter, typed

NAME, LIMIT = "envoy.filters.http.local_ratelimit", "extensions.filters.http.local_ratelimit.v3.LocalRateLimit"

# Beside the public methods of the contract: here somebody's secret can be guessed.
GUESSABLE = {
    "/apricot.identity.v1.CareService/AcceptInvite",
    "/apricot.identity.v1.AccountService/ClaimAdmin",
    "/apricot.identity.v1.AccountService/ConfirmTotp",
    "/apricot.identity.v1.AccountService/DeleteAccount",
    "/apricot.identity.v1.AuthService/ProveIdentity",
    "/apricot.identity.v1.SecurityService/ChangePhone",
}
_AUTH, _SIGNING = "/apricot.identity.v1.AuthService", "/apricot.identity.v1.SigningService"
# A refresh token is a random key of 256 bits, and public keys are public: neither can be guessed. Each has a bucket of
# its own, so that whoever empties it keeps nobody behind the same address from signing in.
UNGUESSABLE = {"refresh": f"{_AUTH}/RefreshToken", "keys": f"{_SIGNING}/ListPublicKeys"}
UNGUESSABLE_TIMES = 10
"""As often as what could be guessed."""

VISITORS = {"health": "/grpc.health.", "reflection": "/grpc.reflection."}
REFLECTION_BURST, REFLECTION_PER_SECOND = 20, 1
"""With the duration of such a stream (`routes.PUBLIC_SECONDS`) an address holds 30 of them at most."""

# A household or a server has a /64 of IPv6, and every address in it.
NETWORK = {"v4_prefix_mask_len": 32, "v6_prefix_mask_len": 64}
# A forgotten bucket is a full one: remember more than the users of a second or the guessers of a minute.
REMEMBERED = 50_000
UNLIMITED = 2**32 - 1
ALWAYS = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}


@dataclass(frozen=True)
class Guard:
    """A bucket that each address has for some methods."""

    kind: str
    paths: frozenset[str]
    per_minute: int

    @property
    def wait_seconds(self) -> int:
        """When the next call fits, at the latest."""
        return -(-60 // self.per_minute)


def guards(methods: Iterable[Method], settings: GatewaySettings) -> list[Guard]:
    """Return the buckets of what can be tried without a token, or guessed with one."""
    per_minute = settings.sign_in_requests_per_minute
    tried = {method.path for method in methods if method.callers == "public" and method.path.startswith("/apricot.")}
    guessable = frozenset((tried | GUESSABLE) - set(UNGUESSABLE.values()))
    return [
        Guard("guarded", guessable, per_minute),
        *(Guard(kind, frozenset({path}), UNGUESSABLE_TIMES * per_minute) for kind, path in UNGUESSABLE.items()),
    ]


def rate_limit() -> Config:
    """Limits nothing by itself: how often is the routes' part, which changes without a connection's noticing."""
    return http_filter(NAME.removeprefix("envoy.filters.http."), typed(LIMIT, stat_prefix="rate_limit"))


def buckets(methods: Iterable[Method], settings: GatewaySettings) -> Config:
    """One for each user, and for each address at the guarded methods and beside the contract."""
    per_second, callbacks_per_second = settings.user_requests_per_second, settings.callback_requests_per_second
    ordinary = _bucket(2 * per_second, per_second, "1s")
    guarded = guards(methods, settings)
    prefixes = {**VISITORS, "callback": callbacks.PREFIX}
    return typed(
        LIMIT,
        stat_prefix="rate_limit",
        filter_enabled=ALWAYS,
        filter_enforced=ALWAYS,
        rate_limited_as_resource_exhausted=True,
        rate_limits=[
            _by_user(),
            *(_by_address(guard.kind, {"exact": path}) for guard in guarded for path in sorted(guard.paths)),
            *(_by_address(kind, {"prefix": prefix}) for kind, prefix in prefixes.items()),
        ],
        max_dynamic_descriptors=REMEMBERED,
        descriptors=[
            {"entries": [{"key": "user"}], "token_bucket": ordinary},
            _each_address("health", ordinary),
            _each_address("reflection", _bucket(REFLECTION_BURST, REFLECTION_PER_SECOND, "1s")),
            _each_address("callback", _bucket(2 * callbacks_per_second, callbacks_per_second, "1s")),
            *(_each_address(one.kind, _bucket(one.per_minute, one.per_minute, "60s")) for one in guarded),
        ],
        # For what has no bucket of its own: the gateway's 404.
        token_bucket=_bucket(UNLIMITED, UNLIMITED, "1s"),
        always_consume_default_token_bucket=False,
    )


def _by_user() -> Config:
    """By the token's subject; a call without a token has none."""
    subject = {"key": JWT, "path": keys(TOKEN, "sub")}
    return {"actions": [{"metadata": {"descriptor_key": "user", "metadata_key": subject, "source": "DYNAMIC"}}]}


def _by_address(kind: str, path_match: Config) -> Config:
    path = {"name": ":path", "string_match": path_match}
    match = {"descriptor_key": "kind", "descriptor_value": kind, "headers": [path]}
    return {"actions": [{"header_value_match": match}, {"masked_remote_address": NETWORK}]}


def _each_address(kind: str, bucket: Config) -> Config:
    return {"entries": [{"key": "kind", "value": kind}, {"key": "masked_remote_address"}], "token_bucket": bucket}


def _bucket(most: int, refill: int, interval: str) -> Config:
    return {"max_tokens": most, "tokens_per_fill": refill, "fill_interval": interval}
