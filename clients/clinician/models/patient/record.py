"""What a patient's diary holds, as far as it was loaded: readings as columns, everything else as it was logged."""

from collections.abc import Iterable, Sequence

from apricot.glucose.v1.entry_pb2 import Entry

from clients.clinician.models.patient.readings import KINDS, Readings


def time_of(entry: Entry) -> int:
    """Microseconds since 1970."""
    return entry.time.seconds * 1_000_000 + entry.time.nanos // 1000


class Record:
    """Changes come in any order beside the pages of a list: what was heard while a list was underway is newer than what
    the list says of the same entry."""

    def __init__(self) -> None:
        self.readings = Readings()
        self._others: dict[str, Entry] = {}
        self._listed: dict[tuple[str, ...], list[Entry]] = {}
        self._heard: dict[str, Entry | None] = {}
        """What has become of entries since `begin_list`; None: deleted."""
        self.listing = False

    def of_kind(self, *kinds: str) -> list[Entry]:
        """The entries but readings, in order of time; a kind is the case of `Entry.content`. The same list until any of
        them changes."""
        if kinds not in self._listed:
            found = (entry for entry in self._others.values() if entry.WhichOneof("content") in kinds)
            self._listed[kinds] = sorted(found, key=time_of)
        return self._listed[kinds]

    def begin_list(self) -> None:
        """From here on a list is underway."""
        self.listing = True
        self._heard.clear()

    def end_list(self) -> None:
        """It is complete, or was given up."""
        self.listing = False
        self._heard.clear()

    def fill(self, start: int, end: int | None, entries: Sequence[Entry]) -> None:
        """A list says that these are all there are from `start` (included) to `end` (excluded; None: without end)."""
        kept = [entry for entry in entries if entry.entry_id not in self._heard]
        again = [
            entry
            for entry in self._heard.values()
            if entry is not None and start <= time_of(entry) and (end is None or time_of(entry) < end)
        ]
        readings = (entry for entry in (*kept, *again) if entry.WhichOneof("content") in KINDS)
        self.readings.replace(start, end, self.readings.rows_of(readings))
        within = [
            entry_id
            for entry_id, entry in self._others.items()
            if start <= time_of(entry) and (end is None or time_of(entry) < end)
        ]
        for entry_id in within:
            del self._others[entry_id]
        self._keep_others((*kept, *again))

    def put(self, entries: Iterable[Entry]) -> None:
        """They were logged."""
        entries = list(entries)
        if self.listing:
            self._heard.update((entry.entry_id, entry) for entry in entries)
        self.readings.put(self.readings.rows_of(each for each in entries if each.WhichOneof("content") in KINDS))
        self._keep_others(entries)

    def amend(self, entry: Entry, previous: Entry) -> None:
        """One has become another."""
        self.remove(previous)
        self.put([entry])

    def remove(self, previous: Entry) -> None:
        """It was deleted, as it stood before."""
        if self.listing:
            self._heard[previous.entry_id] = None
        if previous.WhichOneof("content") in KINDS:
            self.readings.remove(previous.entry_id, time_of(previous))
        elif self._others.pop(previous.entry_id, None) is not None:
            self._listed.clear()

    def _keep_others(self, entries: Iterable[Entry]) -> None:
        self._others.update((entry.entry_id, entry) for entry in entries if entry.WhichOneof("content") not in KINDS)
        self._listed.clear()
