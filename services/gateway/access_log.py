"""The access log: one JSON line for each call, free of health data, ids and secrets.

The call is named by its route, which is the gRPC method: paths and queries name patients. Envoy's
`RESPONSE_CODE_DETAILS` stays out: it quotes bodies that fail to parse.
"""

from pathlib import Path

from services.gateway.shape import Config, typed

FIELDS = {
    "time": "%START_TIME%",
    "method": "%ROUTE_NAME%",
    "protocol": "%PROTOCOL%",
    "status": "%RESPONSE_CODE%",
    "grpc_status": "%GRPC_STATUS%",
    "flags": "%RESPONSE_FLAGS%",
    "duration_ms": "%DURATION%",
    "request_bytes": "%BYTES_RECEIVED%",
    "response_bytes": "%BYTES_SENT%",
    "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    "upstream": "%UPSTREAM_HOST%",
    "request_id": "%REQ(X-REQUEST-ID)%",
    "user_agent": "%REQ(USER-AGENT):64%",
}


def access_log(path: Path) -> Config:
    log_format = {"json_format": FIELDS}
    config = typed("extensions.access_loggers.file.v3.FileAccessLog", path=str(path), log_format=log_format)
    return {"name": "envoy.access_loggers.file", "typed_config": config}
