"""Between what aiortc and what the contract says of sessions."""

import re
from collections.abc import Iterable

from aiortc import RTCIceCandidate, RTCIceServer
from aiortc.sdp import candidate_from_sdp
from apricot.consult.v1 import call_pb2


def candidate(ice: call_pb2.IceCandidate) -> RTCIceCandidate | None:
    """None: there are no more."""
    if not ice.candidate:
        return None
    made = candidate_from_sdp(ice.candidate)
    made.sdpMid, made.sdpMLineIndex = ice.sdp_mid, ice.sdp_m_line_index
    return made


def ice_servers(servers: Iterable[call_pb2.IceServer]) -> list[RTCIceServer]:
    """As the answer to `JoinCall` names them."""
    return [
        RTCIceServer([*server.urls], username=server.username or None, credential=server.credential or None)
        for server in servers
    ]


def parted(sdp: str) -> tuple[str, list[str]]:
    """A description without its candidates, and those of its first medium, which carries all."""
    candidates = re.findall(r"^a=candidate:(.*?)\r?$", sdp.split("m=")[1], re.MULTILINE)
    return re.sub(r"^a=(candidate:|end-of-candidates).*?\r?\n", "", sdp, flags=re.MULTILINE), candidates


def shows_picture(sdp: str) -> bool:
    """Whether who describes a session so sends video."""
    for medium in re.split(r"^m=", sdp, flags=re.MULTILINE)[1:]:
        if medium.startswith("video ") and not medium.startswith("video 0 "):
            direction = re.search(r"^a=(sendrecv|sendonly|recvonly|inactive)\r?$", medium, re.MULTILINE)
            if direction is None or direction[1].startswith("send"):
                return True
    return False
