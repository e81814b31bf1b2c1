"""What is said of a call."""

from datetime import timedelta

from apricot.consult.v1.call_pb2 import (
    CALL_END_BUSY,
    CALL_END_CANCELLED,
    CALL_END_DECLINED,
    CALL_END_FAILED,
    CALL_END_HUNG_UP,
    CALL_END_MISSED,
    CallEnd,
)
from PySide6.QtCore import QCoreApplication

from clients.clinician.models.call.call import CallModel, Stage
from clients.clinician.models.call.media import Media
from clients.clinician.models.call.quality import Quality


def standing(model: CallModel) -> str:
    """Where the call stands."""
    video = model.wants_picture
    match model.stage:
        case Stage.CALLING:
            return QCoreApplication.translate("Words", "Calling…")
        case Stage.RINGING if video:
            return QCoreApplication.translate("Words", "Video call for you")
        case Stage.RINGING:
            return QCoreApplication.translate("Words", "Voice call for you")
        case Stage.CONNECTING:
            return QCoreApplication.translate("Words", "Connecting…")
        case Stage.RECONNECTING:
            return QCoreApplication.translate("Words", "Reconnecting…")
        case Stage.ENDED if model.is_of_many:
            return QCoreApplication.translate("Words", "This call is for more than two, which this app cannot join.")
        case Stage.ENDED:
            return ending(model.end, outgoing=model.is_outgoing)
        case _:
            return ""


def ending(end: CallEnd.ValueType, *, outgoing: bool) -> str:
    """How it ended, as she sees it."""
    if outgoing:
        said = {
            CALL_END_MISSED: QCoreApplication.translate("Words", "No answer"),
            CALL_END_DECLINED: QCoreApplication.translate("Words", "Declined"),
            CALL_END_CANCELLED: QCoreApplication.translate("Words", "You cancelled the call"),
            CALL_END_BUSY: QCoreApplication.translate("Words", "In another call"),
        }
    else:
        said = {
            CALL_END_MISSED: QCoreApplication.translate("Words", "Missed call"),
            CALL_END_DECLINED: QCoreApplication.translate("Words", "You declined the call"),
            CALL_END_CANCELLED: QCoreApplication.translate("Words", "Missed call: the caller hung up"),
            CALL_END_BUSY: QCoreApplication.translate("Words", "Missed call: you were in another one"),
        }
    said |= {
        CALL_END_HUNG_UP: QCoreApplication.translate("Words", "Call ended"),
        CALL_END_FAILED: QCoreApplication.translate("Words", "The connection was lost"),
    }
    return said.get(end, QCoreApplication.translate("Words", "Hanging up…"))


def quality(of: Quality) -> str:
    """The connection in words; empty where nobody knows yet."""
    return {
        Quality.UNKNOWN: "",
        Quality.GOOD: QCoreApplication.translate("Words", "Good connection"),
        Quality.FAIR: QCoreApplication.translate("Words", "Fair connection"),
        Quality.POOR: QCoreApplication.translate("Words", "Poor connection"),
    }[of]


def talked(passed: timedelta) -> str:
    """A length: "4:05", "1:02:09"."""
    minutes, seconds = divmod(int(passed.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def lacks(media: Media, *, picture: bool) -> str:
    """What this computer does not have, and what follows; empty where nothing is missing."""
    said = []
    if not media.has_microphone:
        said.append(QCoreApplication.translate("Words", "No microphone on this computer: you are not heard."))
    if not media.has_speaker:
        said.append(QCoreApplication.translate("Words", "No loudspeaker on this computer: you hear nothing."))
    if picture and not media.has_camera:
        said.append(QCoreApplication.translate("Words", "No camera on this computer: voice goes on."))
    return " ".join(said)


def initials(name: str) -> str:
    """Of a name in Chinese the last two characters, of others the first letters of two words."""
    words = name.split()
    if len(words) > 1:
        return (words[0][0] + words[-1][0]).upper()
    return name[-2:] if name and not name.isascii() else name[:1].upper()
