"""Who may call what: the token check, the role check, and each method's share of both."""

from urllib.parse import urlsplit

from kit.call import HOLDS_ROLE, ROLES_BY_NOW
from services.gateway.contract import Method
from services.gateway.settings import GatewaySettings
from services.gateway.shape import Config, http_filter, typed

JWT, RBAC = "envoy.filters.http.jwt_authn", "envoy.filters.http.rbac"
ROLE_LOOK, EXPLAINED = "envoy.filters.http.rbac.look", "envoy.filters.http.ext_authz"
JWKS_CLUSTER = "jwks"
TOKEN, FAILURE = "token", "failure"
"""Under `JWT` in the request's metadata: the token's claims, or why it was refused."""

EXPLANATION_TIMEOUT = "1s"
# Envoy fetches the keys anew 5 s before they are this old: a new key works after 5 s. While identity is down,
# tokens seen before still pass, from the token cache.
JWKS_SECONDS = 10
CACHED_TOKENS = 10_000
CLOCK_SKEW_SECONDS = 5


def token_check(settings: GatewaySettings) -> Config:
    """Checks signature, issuer, audience and time, on the routes that ask for it by `requirement_name`."""
    provider = {
        "issuer": settings.issuer,
        "audiences": [settings.audience],
        "require_expiration": True,
        "clock_skew_seconds": CLOCK_SKEW_SECONDS,
        # The header alone: a token in a query string would end up in logs and histories.
        "from_headers": [{"name": "authorization", "value_prefix": "Bearer "}],
        "forward": True,
        "payload_in_metadata": TOKEN,
        "failed_status_in_metadata": FAILURE,
        "jwt_cache_config": {"jwt_cache_size": CACHED_TOKENS},
        "remote_jwks": {
            "http_uri": {"uri": settings.jwks_url, "cluster": JWKS_CLUSTER, "timeout": "2s"},
            "cache_duration": f"{JWKS_SECONDS}s",
            "async_fetch": {"fast_listener": True, "failed_refetch_duration": "1s"},
        },
    }
    config = typed(
        "extensions.filters.http.jwt_authn.v3.JwtAuthentication",
        providers={TOKEN: provider},
        requirement_map={TOKEN: {"provider_name": TOKEN}},
        strip_failure_response=True,
    )
    return http_filter("jwt_authn", config)


def role_check() -> Config:
    """Denies everything; each route brings the rule that lets its callers in."""
    return http_filter("rbac", typed("extensions.filters.http.rbac.v3.RBAC", rules={"action": "ALLOW"}))


def role_explanation(settings: GatewaySettings) -> list[Config]:
    """Looks ahead at what the role check will say; where it will deny, asks identity whether the account has the role
    by now, so that the refusal can say so. It lets everybody by: the role check denies, whatever the answer is."""
    denied = {
        "filter": RBAC,
        "path": keys("shadow_engine_result"),
        "value": {"string_match": {"exact": "denied"}},
    }
    parts = urlsplit(settings.jwks_url)
    asked = typed(
        "extensions.filters.http.ext_authz.v3.ExtAuthz",
        http_service={
            "server_uri": {
                "uri": f"{parts.scheme}://{parts.netloc}",
                "cluster": JWKS_CLUSTER,
                "timeout": EXPLANATION_TIMEOUT,
            },
            "path_prefix": ROLES_BY_NOW,
            "authorization_response": {"dynamic_metadata_from_headers": {"patterns": [{"exact": HOLDS_ROLE}]}},
        },
        transport_api_version="V3",
        failure_mode_allow=True,
        filter_enabled_metadata=denied,
    )
    look = typed("extensions.filters.http.rbac.v3.RBAC")
    return [{"name": ROLE_LOOK, "typed_config": look}, http_filter("ext_authz", asked)]


def on_route(method: Method) -> Config:
    """A method's own checks. A public one looks at no token: an expired one must not stop a sign-in."""
    if method.callers == "public":
        return everybody()
    if method.callers == "signed_in":
        return {JWT: _token(required=True), RBAC: _allow({"any": True})}
    rules = _rules(*(_has_role(role) for role in sorted(method.callers)))
    return {
        JWT: _token(required=True),
        ROLE_LOOK: typed("extensions.filters.http.rbac.v3.RBACPerRoute", rbac={"shadow_rules": rules}),
        RBAC: typed("extensions.filters.http.rbac.v3.RBACPerRoute", rbac={"rules": rules}),
    }


def everybody() -> Config:
    """For what asks for no token."""
    return {JWT: _token(required=False), RBAC: _allow({"any": True})}


def unchecked() -> Config:
    """For the route that leads nowhere."""
    return {JWT: _token(required=False), RBAC: typed("extensions.filters.http.rbac.v3.RBACPerRoute")}


def keys(*keys: str) -> list[Config]:
    """A place in the request's metadata below `JWT`."""
    return [{"key": key} for key in keys]


def _token(*, required: bool) -> Config:
    choice = {"requirement_name": TOKEN} if required else {"disabled": True}
    return typed("extensions.filters.http.jwt_authn.v3.PerRouteConfig", **choice)


def _allow(*principals: Config) -> Config:
    return typed("extensions.filters.http.rbac.v3.RBACPerRoute", rbac={"rules": _rules(*principals)})


def _rules(*principals: Config) -> Config:
    policy = {"permissions": [{"any": True}], "principals": list(principals)}
    return {"action": "ALLOW", "policies": {"callers": policy}}


def _has_role(role: str) -> Config:
    matcher = {
        "filter": JWT,
        "path": keys(TOKEN, "roles"),
        "value": {"list_match": {"one_of": {"string_match": {"exact": role}}}},
    }
    return {"sourced_metadata": {"metadata_matcher": matcher}}
