"""The search of a patient's: `DirectoryService.SearchDoctors`."""

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
from apricot.consult.v1.consultation_pb2 import ConsultationMode
from apricot.consult.v1.directory_pb2 import (
    FacetCount,
    Facets,
    ModeCount,
    SearchDoctorsRequest,
    SearchDoctorsResponse,
)

from kit import paging
from kit.database import Database
from kit.errors import invalid_field
from kit.text_search import doubtful_words, tokens
from kit.times import to_datetime
from services.consult.domain.practice import CURRENCY
from services.consult.store import facets
from services.consult.store.doctor_bodies import doctor_message
from services.consult.store.facets import Counts
from services.consult.store.filters import Filters
from services.consult.store.search import MOST_PHASES, Key, Order, Place, find_page, searching
from services.consult.store.search_words import meant_by

_USUALLY = 20
_MOST_CHOICES = 100
_LARGEST_KEY = 10**9
"""More than any fee, rating or number of minutes."""


async def find_doctors(database: Database, request: SearchDoctorsRequest, now: datetime) -> SearchDoctorsResponse:
    """See `DirectoryService.SearchDoctors`."""
    order, size = Order(request.order), request.page_size or _USUALLY
    behind = _behind(request, order)
    if request.HasField("maximum_fee") and request.maximum_fee.currency_code != CURRENCY:
        raise invalid_field("maximum_fee.currency_code", f"fees are in {CURRENCY}")
    async with searching(database) as connection:
        wanted = await _filters(connection, request, now)
        found = await find_page(connection, wanted, order, behind, size + 1)
        counts = await facets.count(connection, wanted) if request.with_facets else None
    response = SearchDoctorsResponse(doctors=[doctor_message(one.row, now) for one in found[:size]])
    if len(found) > size:
        response.next_page_token = _token(found[size - 1].place, request)
    if counts is not None:
        response.facets.CopyFrom(_facets(counts))
    return response


async def _filters(connection: asyncpg.Connection, request: SearchDoctorsRequest, now: datetime) -> Filters:
    query = tokens(request.query)
    return Filters(
        now=now,
        query=query,
        meant=await meant_by(connection, doubtful_words(query)),
        department_code=request.department_code,
        hospital_id=UUID(request.hospital_id) if request.hospital_id else None,
        city=request.city,
        hospital_grades=list(request.hospital_grades),
        modes=list(request.modes),
        maximum_fee_minor=request.maximum_fee.minor_units if request.HasField("maximum_fee") else None,
        minimum_rating=request.minimum_rating,
        available_before=to_datetime(request.available_before) if request.HasField("available_before") else None,
        language=request.language,
    )


def _token(place: Place, request: SearchDoctorsRequest) -> str:
    key = place.key.isoformat() if isinstance(place.key, datetime) else str("" if place.key is None else place.key)
    return paging.encode([place.phase, key, str(place.doctor_id)], request)


def _behind(request: SearchDoctorsRequest, order: Order) -> Place | None:
    """The place of the last doctor already shown. Errors: INVALID_PAGE_TOKEN."""
    found = paging.decode(request.page_token, request, (int, str, str))
    if found is None:
        return None
    phase, written, doctor_id = found
    if not 0 <= phase < MOST_PHASES:
        raise paging.invalid()
    try:
        return Place(phase, _key(order, written) if written else None, UUID(doctor_id))
    except (ValueError, OverflowError) as error:
        raise paging.invalid() from error


def _key(order: Order, written: str) -> Key:
    """Errors: `ValueError`, `OverflowError`."""
    if order is Order.NEXT_SLOT:
        return datetime.fromisoformat(written).astimezone(UTC)
    key = int(written) if order is Order.PRICE else float(written)
    if not 0 <= key <= _LARGEST_KEY:
        raise ValueError
    return key


def _facets(counts: Counts) -> Facets:
    return Facets(
        departments=_choices(counts.departments),
        hospital_grades=_choices(counts.hospital_grades),
        cities=_choices(counts.cities),
        modes=[
            ModeCount(mode=ConsultationMode.ValueType(mode), count=count)
            for mode, count in counts.modes.most_common()
            if count
        ],
    )


def _choices(counts: Counter[str]) -> list[FacetCount]:
    """Those that somebody is found by, the most first; among as many, by value."""
    ordered = sorted(counts.items(), key=lambda choice: (-choice[1], choice[0]))
    return [FacetCount(value=value, count=count) for value, count in ordered[:_MOST_CHOICES]]
