"""What consult reads from its environment."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from kit.settings import CallerSettings
from services.consult.domain.fee_bounds import DEFAULT_FEE_BOUNDS, OTHER_TITLES, FeeBounds

type IceUrl = Annotated[str, StringConstraints(pattern=r"^(stuns?|turns?):\S+$")]


class ConsultSettings(CallerSettings):
    """Read once, in `main.py` and in `worker.py`."""

    object_store_url: str
    """Where attachments lie: `file:///folder`, or `s3://bucket/prefix` with credentials in the environment."""
    push_webhook_url: str = ""
    """Where it is posted that there is something for an account's devices; empty: nothing is pushed."""
    push_webhook_secret: str = Field(default="", repr=False)
    """Signs what is posted; at least 16 characters where there is a URL."""
    fee_bounds: dict[str, FeeBounds] = Field(default=dict(DEFAULT_FEE_BOUNDS))
    """The least and the most that a consultation or a slot's place costs, in fen, by the title of the doctor's licence;
    the empty title is for all others. Such as `{"主任医师": [0, 100000], "": [0, 20000]}`."""
    demo: bool = False
    """Plants the demo's hospitals."""

    stun_urls: list[IceUrl] = Field(default=[], max_length=4)
    """Such as `["stun:stun.example.org:3478"]`: tells devices in a call how they look from outside."""
    turn_urls: list[IceUrl] = Field(default=[], max_length=4)
    """Such as `["turn:turn.example.org:3478?transport=udp"]`: relays media where devices cannot reach each other."""
    turn_secret: str = Field(default="", repr=False)
    """coturn's `static-auth-secret`; without it no TURN server is named."""
    livekit_url: str = ""
    """Such as `wss://sfu.example.org`: a LiveKit server for calls of more than two; empty: they go without one."""
    livekit_api_key: str = ""
    livekit_api_secret: str = Field(default="", repr=False)

    @model_validator(mode="after")
    def _livekit_is_whole(self) -> Self:
        if self.livekit_url and not (self.livekit_api_key and len(self.livekit_api_secret) >= 32):
            raise ValueError("LiveKit needs its API key, and its secret of at least 32 characters")
        return self

    @model_validator(mode="after")
    def _fee_bounds_are_ranges(self) -> Self:
        if OTHER_TITLES not in self.fee_bounds:
            raise ValueError("the bounds of fees need those of other titles, under the empty one")
        if not all(0 <= bounds.min_minor <= bounds.max_minor for bounds in self.fee_bounds.values()):
            raise ValueError("the bounds of fees are ranges of fen from 0 on")
        return self

    @model_validator(mode="after")
    def _webhook_is_signed(self) -> Self:
        if self.push_webhook_url and len(self.push_webhook_secret) < 16:
            raise ValueError("a webhook needs a secret of at least 16 characters")
        return self
