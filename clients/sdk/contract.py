"""What the contract says about a method: whether the same request may be sent twice."""

from functools import cache
from uuid import uuid4

from google.api import annotations_pb2
from google.protobuf import descriptor_pool
from google.protobuf.message import Message

REQUEST_ID = "request_id"


@cache
def repeatable(path: str) -> bool:
    """Whether sending a request again does no harm: a read (HTTP GET), or a mutation known by its `request_id`.

    `path` is a full method path such as "/apricot.glucose.v1.DiaryService/LogEntries".
    """
    service, _, name = path.removeprefix("/").partition("/")
    method = descriptor_pool.Default().FindServiceByName(service).methods_by_name[name]
    read = method.GetOptions().Extensions[annotations_pb2.http].WhichOneof("pattern") == "get"
    return read or REQUEST_ID in method.input_type.fields_by_name


FRESH_PROOF = "fresh_proof"


def with_fresh_proof[M](request: M, proof: str) -> M:
    """Return the request, or a copy with the proof where it asks for one and has none."""
    if not proof or not isinstance(request, Message):
        return request
    field = request.DESCRIPTOR.fields_by_name.get(FRESH_PROOF)
    if field is None or getattr(request, FRESH_PROOF):
        return request
    choice = field.containing_oneof
    if choice is not None and request.WhichOneof(choice.name):  # another proof is set
        return request
    filled = type(request)()
    filled.CopyFrom(request)
    setattr(filled, FRESH_PROOF, proof)
    return filled


def with_request_id[M](request: M) -> M:
    """The request, or a copy with a fresh `request_id` where it has an empty one.

    A copy, since a caller who fills one object again and again makes a new request each time.
    """
    if not isinstance(request, Message) or REQUEST_ID not in request.DESCRIPTOR.fields_by_name:
        return request
    if getattr(request, REQUEST_ID):
        return request
    filled = type(request)()
    filled.CopyFrom(request)
    setattr(filled, REQUEST_ID, str(uuid4()))
    return filled
