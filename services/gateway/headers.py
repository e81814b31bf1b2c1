"""Which request headers reach a service, and which requests are refused for their headers."""

from services.gateway.shape import Config, typed

DROPPED: list[Config] = [
    # What only the platform may say. No part of it trusts such headers from outside; nobody shall begin to.
    {"safe_regex": {"regex": r"x-(envoy|apricot|jwt|auth|user|account|subject|role|claim|patient)s?(-.*)?"}},
    # gRPC's library parses these whoever sends them, and fails the call when it cannot. No client of ours sends them.
    {"safe_regex": {"regex": r"grpc-(status|message|previous-rpc-attempts|retry-pushback-ms|internal-.*)"}},
    {"safe_regex": {"regex": r"grpclb_.*|lb-(token|cost).*"}},
    {"suffix": "-bin"},
]

ORIGINAL_PATH = "x-envoy-original-path"
"""The path of a JSON call before it became a gRPC method; absent in other calls."""

GRPC_TYPE = r"application/grpc(-web|-web-text)?(\+proto)?(;[ -~]*)?"
"""The content types of calls. JSON has become gRPC before its route is chosen, gRPC-Web becomes it afterwards."""

_TIMEOUT = "[0-9]{1,8}[HMSmun]"
_ENCODING = "identity|deflate|gzip"


def drop_untrusted() -> Config:
    """Return the early mutation that drops headers before anything reads them."""
    config = typed(
        "extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
        mutations=[{"remove_on_match": {"key_matcher": name}} for name in DROPPED],
    )
    return {"name": "envoy.http.early_header_mutation.header_mutation", "typed_config": config}


def malformed() -> list[Config]:
    """Return one matcher for each standard header that a service could not parse; an absent header never matches."""
    return [_other_than("grpc-timeout", _TIMEOUT), _other_than("grpc-encoding", _ENCODING)]


def matches(name: str, regex: str) -> Config:
    """Return the matcher of a header whose whole value fits."""
    return {"name": name, "string_match": {"safe_regex": {"regex": regex}}}


def _other_than(name: str, regex: str) -> Config:
    return {**matches(name, regex), "invert_match": True}
