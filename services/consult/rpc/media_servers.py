"""What helps devices to reach each other: STUN, TURN, and the room of a call on an SFU."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from apricot.consult.v1.call_pb2 import CALL_STATE_ENDED, IceServer, JoinCallResponse
from livekit.api import AccessToken, VideoGrants

from kit.times import to_timestamp
from services.consult.domain import turn

_ROOM_LIFETIME = timedelta(hours=1)
"""A token opens the room's door; who is in stays in."""


@dataclass(frozen=True, slots=True)
class MediaServers:
    """The deployment's servers, as the settings name them; by default there are none."""

    stun_urls: Sequence[str] = ()
    turn_urls: Sequence[str] = ()
    turn_secret: str = field(default="", repr=False)
    livekit_url: str = ""
    livekit_api_key: str = ""
    livekit_api_secret: str = field(default="", repr=False)

    @property
    def has_sfu(self) -> bool:
        return bool(self.livekit_url)

    def add_to(self, response: JoinCallResponse, account: UUID, now: datetime) -> None:
        """What this account's device needs for the call of the response; nothing for one that is over."""
        if response.call.state == CALL_STATE_ENDED:
            return
        if self.stun_urls:
            response.ice_servers.append(IceServer(urls=self.stun_urls))
        if self.turn_urls and self.turn_secret:
            expire_time = (now + turn.LIFETIME).replace(microsecond=0)
            made = turn.credentials(self.turn_secret, str(account), expire_time)
            server = IceServer(urls=self.turn_urls, username=made.username, credential=made.credential)
            response.ice_servers.append(server)
            response.credentials_expire_time.CopyFrom(to_timestamp(expire_time))
        if response.HasField("sfu_room"):
            response.sfu_room.token = self._room_token(response.call.call_id, account)

    def _room_token(self, call_id: str, account: UUID) -> str:
        """Joins this room as this account, and nothing else."""
        token = AccessToken(self.livekit_api_key, self.livekit_api_secret)
        grants = VideoGrants(room_join=True, room=call_id)
        return token.with_identity(str(account)).with_ttl(_ROOM_LIFETIME).with_grants(grants).to_jwt()
