"""What glucose reads from its environment beside what all services do."""

from kit.settings import ServiceSettings


class GlucoseSettings(ServiceSettings):
    """Settings of both of glucose's programs."""

    object_store_url: str
    """Where photos lie: `file:///folder`, or `s3://bucket/prefix` with credentials in the environment."""
