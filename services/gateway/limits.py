"""How often one user, and one address, may call."""

from collections.abc import Iterable

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
BESIDE_CONTRACT = {"prefix": "/grpc."}

# A forgotten bucket is a full one: remember more than the users of a second or the guessers of a minute.
REMEMBERED = 50_000
UNLIMITED = 2**32 - 1
ALWAYS = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}


def guarded_paths(methods: Iterable[Method]) -> list[str]:
    """What can be tried without a token, or guessed with one."""
    return [method.path for method in methods if method.callers == "public" or method.path in GUESSABLE]


def guarded_wait_seconds(settings: GatewaySettings) -> int:
    """When the next guarded call fits, at the latest."""
    return -(-60 // settings.sign_in_requests_per_minute)


def rate_limit() -> Config:
    """Limits nothing by itself: how often is the routes' part, which changes without a connection's noticing."""
    return http_filter(NAME.removeprefix("envoy.filters.http."), typed(LIMIT, stat_prefix="rate_limit"))


def buckets(methods: Iterable[Method], settings: GatewaySettings) -> Config:
    """One for each user, and for each address at the guarded methods and beside the contract."""
    per_second, per_minute = settings.user_requests_per_second, settings.sign_in_requests_per_minute
    guarded = [_by_address("guarded", {"exact": path}) for path in guarded_paths(methods)]
    callbacks_per_second = settings.callback_requests_per_second
    by_prefix = [_by_address("visitor", BESIDE_CONTRACT), _by_address("callback", {"prefix": callbacks.PREFIX})]
    ordinary = _bucket(2 * per_second, per_second, "1s")
    return typed(
        LIMIT,
        stat_prefix="rate_limit",
        filter_enabled=ALWAYS,
        filter_enforced=ALWAYS,
        rate_limited_as_resource_exhausted=True,
        rate_limits=[_by_user(), *guarded, *by_prefix],
        max_dynamic_descriptors=REMEMBERED,
        descriptors=[
            {"entries": [{"key": "user"}], "token_bucket": ordinary},
            _each_address("visitor", ordinary),
            _each_address("callback", _bucket(2 * callbacks_per_second, callbacks_per_second, "1s")),
            _each_address("guarded", _bucket(per_minute, per_minute, "60s")),
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
    return {"actions": [{"header_value_match": match}, {"remote_address": {}}]}


def _each_address(kind: str, bucket: Config) -> Config:
    return {"entries": [{"key": "kind", "value": kind}, {"key": "remote_address"}], "token_bucket": bucket}


def _bucket(most: int, refill: int, interval: str) -> Config:
    return {"max_tokens": most, "tokens_per_fill": refill, "fill_interval": interval}
