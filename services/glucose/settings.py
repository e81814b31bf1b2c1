"""What glucose reads from its environment."""

from typing import Self

from pydantic import Field, model_validator

from kit.settings import CallerSettings
from services.glucose.domain.quota import DEFAULT_MIB


class GlucoseSettings(CallerSettings):
    """Read once, in `main.py` and in `worker.py`."""

    consult_address: str = ""
    """Of consult's gRPC server: what is known of a patient whose plan names medicines; for the main program alone."""
    object_store_url: str
    """Where photos lie: `file:///folder`, or `s3://bucket/prefix` with credentials in the environment."""
    seconds_per_minute: float = Field(default=60.0, gt=0, le=60)
    """How long a clinical minute of the alerts lasts; less in a demo's time-lapse alone."""
    push_webhook_url: str = ""
    """Where it is posted that there is something for an account's devices; empty: nothing is pushed."""
    push_webhook_secret: str = Field(default="", repr=False)
    """Signs what is posted; at least 16 characters where there is a URL."""

    diary_mib: int = Field(default=DEFAULT_MIB, ge=1)
    """How much a patient's diary takes at once, in MiB; what was used comes back evenly over 30 days."""

    hot_months: int = Field(default=0, ge=0, le=180)
    """After how many months the worker freezes a month of a patient's diary: 12 or more, 24 are sensible; 0: never. Not
    before every replica is of a version that knows frozen months (`docs/runbooks/old-readings.md`)."""

    @model_validator(mode="after")
    def _a_year_is_hot(self) -> Self:
        if 0 < self.hot_months < 12:
            raise ValueError("the months of the last year are never frozen: 12 or more, or 0")
        return self

    @model_validator(mode="after")
    def _webhook_is_signed(self) -> Self:
        if self.push_webhook_url and len(self.push_webhook_secret) < 16:
            raise ValueError("a webhook needs a secret of at least 16 characters")
        return self
