"""What each service may say and hear in NATS (ADR 0024): its own subjects, and of others' streams what it listens to.

A service makes no stream and changes none: who may choose a stream's sources reads every other stream through it.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

SERVICES = "identity", "glucose", "consult", "pharmacy"


class Listening(NamedTuple):
    """A durable consumer of another service's stream."""

    stream: str
    consumer: str
    subject: str


_OTHERS = [service for service in SERVICES if service != "identity"]
LISTENS: Mapping[str, list[Listening]] = {
    "identity": [
        *(Listening(each, "identity-audit", f"apricot.{each}.access.used.>") for each in _OTHERS),
        *(Listening(each, "identity-care", f"apricot.{each}.care.>") for each in _OTHERS),
    ],
    "glucose": [],
    "consult": [
        Listening("pharmacy", "consult-dispensings", "apricot.pharmacy.prescription.dispensed.>"),
        Listening("pharmacy", "consult-returns", "apricot.pharmacy.prescription.returned.>"),
        Listening("pharmacy", "consult-rejections", "apricot.pharmacy.prescription.rejected.>"),
    ],
    "pharmacy": [Listening("consult", "pharmacy-prescriptions", "apricot.consult.prescription.>")],
}
"""Beside identity's stream, which is for everybody: it tells ids alone."""
_OF_IDENTITY = {
    "identity": [],
    "glucose": ["glucose-accounts"],
    "consult": ["consult-accounts", "consult-licences"],
    "pharmacy": ["pharmacy-accounts"],
}


def inbox_of(user: str) -> str:
    """Return the prefix of a user's inboxes: nobody else hears what it is answered."""
    return f"_INBOX.{user}"


def permissions(service: str) -> dict[str, list[str]]:
    """Return a service's rights as NATS's configuration takes them."""
    heard = [f"apricot-wake.{service}", f"apricot-hint.{service}.>"]
    publish = [f"apricot.{service}.>", *heard, *_own_stream(service), *_identitys_stream(service)]
    for one in LISTENS[service]:
        publish.append(f"$JS.API.CONSUMER.CREATE.{one.stream}.{one.consumer}.{one.subject}")
        publish += _consuming(one.stream, one.consumer)
    return {"publish": publish, "subscribe": [*heard, f"{inbox_of(service)}.>"]}


def _own_stream(service: str) -> Iterable[str]:
    yield f"$JS.API.STREAM.INFO.{service}"
    yield f"$JS.API.CONSUMER.CREATE.{service}"
    yield f"$JS.API.CONSUMER.CREATE.{service}.>"
    yield f"$JS.FC.{service}.>"
    yield from _consuming(service, "*")


def _identitys_stream(service: str) -> Iterable[str]:
    if service == "identity":
        return
    yield "$JS.API.STREAM.INFO.identity"
    yield "$JS.API.CONSUMER.CREATE.identity"
    yield "$JS.FC.identity.>"
    for consumer in _OF_IDENTITY[service]:
        yield f"$JS.API.CONSUMER.CREATE.identity.{consumer}"
        yield f"$JS.API.CONSUMER.CREATE.identity.{consumer}.>"
        yield from _consuming("identity", consumer)


def _consuming(stream: str, consumer: str) -> Iterable[str]:
    yield f"$JS.API.CONSUMER.INFO.{stream}.{consumer}"
    yield f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
    yield f"$JS.ACK.{stream}.{consumer}.>"
