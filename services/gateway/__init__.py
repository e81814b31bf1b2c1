"""The gateway: Envoy's configuration, rendered from the contract."""
