"""TLS to the services, each known by its name, and to the public; certificates are files, taken up when they change."""

from pathlib import Path

from services.gateway.settings import GatewaySettings
from services.gateway.shape import Config, followed, resources, typed

SOCKET = "envoy.transport_sockets.tls"
OWN, CA, PUBLIC = "own", "ca", "public"
HANDSHAKE_SECONDS = 10


def secrets(settings: GatewaySettings) -> dict[str, Config]:
    """By file, one in each; Envoy reads a certificate again when something is renamed in its folder."""
    found = dict[str, Config]()
    if settings.tls_folder:
        found |= {OWN: _pair(settings.tls_folder), CA: _authority(settings.tls_folder)}
    if settings.public_tls_folder:
        found[PUBLIC] = _pair(settings.public_tls_folder)
    kind = "extensions.transport_sockets.tls.v3.Secret"
    return {f"{name}.json": resources(kind, {"name": name, **secret}) for name, secret in found.items()}


def to_service(settings: GatewaySettings, service: str, folder: Path, protocol: str) -> Config:
    """A cluster's share: whoever answers has to be the service; plain text where the gateway has no certificate."""
    if not settings.tls_folder:
        return {}
    named = {"match_typed_subject_alt_names": [{"san_type": "DNS", "matcher": {"exact": service}}]}
    context = typed(
        "extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        sni=service,
        common_tls_context={
            "alpn_protocols": [protocol],
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3"},
            "tls_certificate_sds_secret_configs": [_secret(OWN, folder)],
            "combined_validation_context": {
                "default_validation_context": named,
                "validation_context_sds_secret_config": _secret(CA, folder),
            },
        },
    )
    return {"transport_socket": {"name": SOCKET, "typed_config": context}}


def to_public(settings: GatewaySettings, folder: Path) -> Config:
    """A filter chain's share; plain text without a certificate."""
    if not settings.public_tls_folder:
        return {}
    context = typed(
        "extensions.transport_sockets.tls.v3.DownstreamTlsContext",
        common_tls_context={
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
            "tls_certificate_sds_secret_configs": [_secret(PUBLIC, folder)],
        },
    )
    return {
        "transport_socket": {"name": SOCKET, "typed_config": context},
        "transport_socket_connect_timeout": f"{HANDSHAKE_SECONDS}s",
    }


def _secret(name: str, folder: Path) -> Config:
    return {"name": name, "sds_config": followed(folder / f"{name}.json")}


def _pair(folder: str) -> Config:
    files = {"certificate_chain": _file(folder, "tls.crt"), "private_key": _file(folder, "tls.key")}
    return {"tls_certificate": {**files, "watched_directory": {"path": folder}}}


def _authority(folder: str) -> Config:
    return {"validation_context": {"trusted_ca": _file(folder, "ca.crt"), "watched_directory": {"path": folder}}}


def _file(folder: str, name: str) -> Config:
    return {"filename": str(Path(folder, name))}
