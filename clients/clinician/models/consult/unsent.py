"""What she has typed and the platform has not taken yet; a restart loses none of it."""

import json
from base64 import b64decode, b64encode
from dataclasses import astuple

from apricot.consult.v1.conversation_pb2 import MessageContent

from clients.clinician.models.consult.files import KeptFile
from clients.clinician.models.draft_store import DraftStore

_INDEX = "talk/unsent"


class Unsent:
    """Of one consultation: messages by their client ids, in the order they were said, and the half-typed text."""

    def __init__(self, drafts: DraftStore, consultation_id: str) -> None:
        self._drafts = drafts
        self._consultation_id = consultation_id
        self._messages_key = f"talk/{consultation_id}/unsent"
        self._files_key = f"talk/{consultation_id}/files"
        self._text_key = f"talk/{consultation_id}/text"

    @property
    def text(self) -> str:
        """As far as she has typed it."""
        return self._drafts.get(self._text_key) or ""

    @text.setter
    def text(self, text: str) -> None:
        _keep(self._drafts, self._text_key, text)

    @property
    def messages(self) -> dict[str, MessageContent]:
        """Said, and not taken yet."""
        kept = json.loads(self._drafts.get(self._messages_key) or "{}")
        return {client_id: MessageContent.FromString(b64decode(content)) for client_id, content in kept.items()}

    @property
    def files(self) -> dict[str, KeptFile]:
        """Of those messages that are still to be uploaded."""
        kept = json.loads(self._drafts.get(self._files_key) or "{}")
        return {client_id: KeptFile(*file) for client_id, file in kept.items()}

    def add(self, client_id: str, content: MessageContent, file: KeptFile | None = None) -> None:
        """`file`: it is still to be uploaded."""
        self._keep(self.messages | {client_id: content})
        self._keep_file(client_id, file)

    def remove(self, client_id: str) -> None:
        """The platform has it, or she gave it up."""
        kept = self.messages
        if kept.pop(client_id, None) is not None:
            self._keep(kept)
            self._keep_file(client_id, None)

    def _keep_file(self, client_id: str, file: KeptFile | None) -> None:
        before = self.files
        files = {id_: kept for id_, kept in before.items() if id_ != client_id} | ({client_id: file} if file else {})
        if files != before:
            kept = {id_: astuple(each) for id_, each in files.items()}
            _keep(self._drafts, self._files_key, json.dumps(kept) if kept else "")

    def _keep(self, messages: dict[str, MessageContent]) -> None:
        kept = {client_id: b64encode(content.SerializeToString()).decode() for client_id, content in messages.items()}
        _keep(self._drafts, self._messages_key, json.dumps(kept) if kept else "")
        others = [each for each in with_unsent(self._drafts) if each != self._consultation_id]
        ids = [*others, self._consultation_id] if kept else others
        _keep(self._drafts, _INDEX, json.dumps(ids) if ids else "")


def with_unsent(drafts: DraftStore) -> list[str]:
    """The consultations that something waits to be sent to."""
    return list(json.loads(drafts.get(_INDEX) or "[]"))


def _keep(drafts: DraftStore, key: str, text: str) -> None:
    if text:
        drafts.put(key, text)
    else:
        drafts.drop(key)
