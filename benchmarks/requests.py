"""Requests as ready bytes: a generator that builds messages would measure itself."""

import secrets
import time
from collections.abc import Iterator
from itertools import batched, count
from uuid import UUID, uuid4

from apricot.consult.v1.booking_pb2 import BookAppointmentRequest
from apricot.glucose.v1.diary_pb2 import ListEntriesRequest, LogEntriesRequest, UploadEntriesRequest
from apricot.glucose.v1.entry_pb2 import GLUCOSE_UNIT_MG_PER_DL, Entry
from apricot.pharmacy.v1.order_pb2 import PlaceOrderRequest

LOG = "/apricot.glucose.v1.DiaryService/LogEntries"
UPLOAD = "/apricot.glucose.v1.DiaryService/UploadEntries"
LIST = "/apricot.glucose.v1.DiaryService/ListEntries"
BOOK = "/apricot.consult.v1.BookingService/BookAppointment"
ORDER = "/apricot.pharmacy.v1.OrderService/PlaceOrder"
WATCH = "/apricot.glucose.v1.WatchService/WatchPatients"
CONVERSE = "/apricot.consult.v1.ConversationService/Converse"
REPORT_LOCATION = "/apricot.pharmacy.v1.DeliveryService/ReportLocation"
WATCH_ORDER = "/apricot.pharmacy.v1.OrderService/WatchOrder"

DAY_READINGS = 288
"""One every five minutes."""

BATCH = 1000
DEVICES = "bench/"
"""With what every device name of the bench begins."""

_REQUEST_ID, _ENTRY_ID, _SECONDS = str(uuid4()), str(uuid4()), 1_234_567_890


def new_id() -> str:
    """For a request or an entry."""
    return str(uuid4())


def reading(seconds: int, *, entry_id: str, device: str, mg_per_dl: float = 123.0) -> Entry:
    """A sensor reading."""
    entry = Entry(entry_id=entry_id, time_zone="Asia/Shanghai", device=device)
    entry.time.seconds = seconds
    entry.sensor_reading.glucose.value, entry.sensor_reading.glucose.unit = mg_per_dl, GLUCOSE_UNIT_MG_PER_DL
    return entry


def log_requests(patient: str) -> Iterator[bytes]:
    """One reading each, of a device of its own, fresh ids, a second apart."""
    entry = reading(_SECONDS, entry_id=_ENTRY_ID, device=f"{DEVICES}{secrets.token_hex(4)}")
    whole = LogEntriesRequest(patient_id=patient, request_id=_REQUEST_ID, entries=[entry]).SerializeToString()
    head, rest = whole.split(_REQUEST_ID.encode())
    between, rest = rest.split(_ENTRY_ID.encode())
    before, after = rest.split(_varint(_SECONDS))
    first = int(time.time()) - 3600
    for second in count(first):
        ids = str(uuid4()).encode(), str(uuid4()).encode()
        yield b"".join((head, ids[0], between, ids[1], before, _varint(second), after))


def entry_id_of(request: bytes) -> bytes:
    """The id of the one entry in a request of `log_requests`, as its event carries it."""
    return LogEntriesRequest.FromString(request).entries[0].entry_id.encode()


def upload_batches(patient: str, days: int) -> list[bytes]:
    """A sensor's history up to now, in batches of 1,000."""
    last = int(time.time()) // 300 * 300
    seconds = range(last - (days * DAY_READINGS - 1) * 300, last + 1, 300)
    device = f"{DEVICES}{patient[:8]}"
    return [
        UploadEntriesRequest(
            patient_id=patient,
            entries=[
                reading(second, entry_id=new_id(), device=device, mg_per_dl=60 + second // 300 * 7 % 180)
                for second in batch
            ],
        ).SerializeToString()
        for batch in batched(seconds, BATCH)
    ]


def list_requests(patient: str) -> Iterator[bytes]:
    """The last 288 readings."""
    request = ListEntriesRequest(patient_id=patient, page_size=DAY_READINGS).SerializeToString()
    while True:
        yield request


def list_day_requests(patient: str) -> Iterator[bytes]:
    """The last 24 hours."""
    request = ListEntriesRequest(patient_id=patient, page_size=DAY_READINGS)
    while True:
        request.start_time.seconds = int(time.time()) - 24 * 3600
        yield request.SerializeToString()


def book_slot(number: int) -> str:
    """The id of the bench's slot of that number, from 1 on."""
    return str(UUID(int=number))


def book_requests(_: str) -> Iterator[bytes]:
    """A place of each slot, from the first on."""
    for number in count(1):
        yield BookAppointmentRequest(request_id=new_id(), slot_id=book_slot(number)).SerializeToString()


def quote_id(patient: str, number: int) -> UUID:
    """Of the bench's quote of that number for a patient, from 1 on."""
    return UUID(int=UUID(patient).int ^ number)


def order_requests(patient: str) -> Iterator[bytes]:
    """Each quote of the patient's, from the first on."""
    for number in count(1):
        yield PlaceOrderRequest(request_id=new_id(), quote_id=str(quote_id(patient, number))).SerializeToString()


def _varint(number: int) -> bytes:
    groups = []
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])
