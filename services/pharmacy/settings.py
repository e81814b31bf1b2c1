"""What the pharmacy reads from its environment."""

from typing import Self

from pydantic import Field, model_validator

from kit.settings import ServiceSettings


class PharmacySettings(ServiceSettings):
    """Read once, in `main.py` and in `worker.py`."""

    glucose_address: str
    """Of glucose's gRPC server: what patients logged of their doses."""
    consult_address: str
    """Of consult's gRPC server: prescriptions as they now stand."""
    push_webhook_url: str = ""
    """Where it is posted that there is something for an account's devices; empty: nothing is pushed."""
    push_webhook_secret: str = Field(default="", repr=False)
    """Signs what is posted; at least 16 characters where there is a URL."""
    demo: bool = False
    """Plants the demo's pharmacies and their catalogue."""

    @model_validator(mode="after")
    def _webhook_is_signed(self) -> Self:
        if self.push_webhook_url and len(self.push_webhook_secret) < 16:
            raise ValueError("a webhook needs a secret of at least 16 characters")
        return self
