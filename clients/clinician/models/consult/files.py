"""Files that she sends: what is in them now, and whether they are still what she chose."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from apricot.consult.v1.conversation_pb2 import MessageContent

_MOST_BYTES = 20 << 20
"""No attachment may be larger."""


@dataclass(frozen=True)
class KeptFile:
    """Where it lies and what it was, so that nothing else is sent in its place; empty: it lay nowhere."""

    path: str = ""
    digest: str = ""

    @classmethod
    def of(cls, content: bytes, path: str) -> "KeptFile":
        """`path` is empty for what was pasted."""
        return cls(path, sha256(content).hexdigest())

    def content(self) -> bytes | None:
        """None: it is not there any more, or is another one now."""
        content = content_of(self.path) if self.path else None
        return content if content is not None and sha256(content).hexdigest() == self.digest else None


def content_of(path: str) -> bytes | None:
    """None: it cannot be read, or is larger than what can be sent."""
    file = Path(path)
    try:
        return file.read_bytes() if file.stat().st_size <= _MOST_BYTES else None
    except OSError:
        return None


def message_of(content: bytes) -> MessageContent:
    """A picture or a PDF that is still to be uploaded: its kind alone."""
    if content.startswith(b"%PDF"):
        return MessageContent(document_attachment_id="")
    return MessageContent(picture_attachment_id="")


def is_to_be_uploaded(message: MessageContent) -> bool:
    """Whether it has its kind alone."""
    kind = message.WhichOneof("content")
    return kind in ("picture_attachment_id", "document_attachment_id") and not getattr(message, kind)
