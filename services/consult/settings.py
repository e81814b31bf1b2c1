"""What consult reads from its environment."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from kit.settings import CallerSettings

type IceUrl = Annotated[str, StringConstraints(pattern=r"^(stuns?|turns?):\S+$")]


class ConsultSettings(CallerSettings):
    """Read once, in `main.py` and in `worker.py`."""

    object_store_url: str
    """Where attachments lie: `file:///folder`, or `s3://bucket/prefix` with credentials in the environment."""
    push_webhook_url: str = ""
    """Where it is posted that there is something for an account's devices; empty: nothing is pushed."""
    push_webhook_secret: str = Field(default="", repr=False)
    """Signs what is posted; at least 16 characters where there is a URL."""
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
    def _webhook_is_signed(self) -> Self:
        if self.push_webhook_url and len(self.push_webhook_secret) < 16:
            raise ValueError("a webhook needs a secret of at least 16 characters")
        return self
