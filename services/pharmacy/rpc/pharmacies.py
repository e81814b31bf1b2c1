"""Pharmacies: found near a place, and kept by those who run the platform."""

from datetime import datetime
from uuid import UUID

from apricot.pharmacy.v1 import catalog_pb2 as pb
from apricot.pharmacy.v1.pharmacy_pb2 import NearbyPharmacy, PharmacyContent
from google.protobuf.message import Message
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call
from kit.database import raw_connection
from kit.errors import invalid_field, not_found
from kit.idempotency import answer_once
from services.pharmacy.domain.geography import Position, require_area, ring_around
from services.pharmacy.domain.hours import Interval
from services.pharmacy.rpc.desk import Desk, date_of, zones
from services.pharmacy.rpc.places import CURRENCY, minor_units, position_of
from services.pharmacy.store import catalogue, pharmacies
from services.pharmacy.store.nearby import Ranking, find_nearby, rank
from services.pharmacy.store.opening import opening_hours
from services.pharmacy.store.pharmacy_bodies import pharmacy_message, terms_message
from services.pharmacy.store.pharmacy_tables import PharmacyRow

_USUALLY = 20
_RANKINGS = {
    pb.PHARMACY_ORDER_UNSPECIFIED: Ranking.DISTANCE,
    pb.PHARMACY_ORDER_TIME: Ranking.TIME,
    pb.PHARMACY_ORDER_RATING: Ranking.RATING,
    pb.PHARMACY_ORDER_FEE: Ranking.FEE,
}


class Pharmacies(Desk):
    """See the module."""

    async def ListPharmacies(self, request: pb.ListPharmaciesRequest, call: Call) -> pb.ListPharmaciesResponse:
        now, size = self._clock(), request.page_size or _USUALLY
        behind = paging.decode(request.page_token, request, (int, int, str))
        async with self._database.transaction() as session:
            nearby = await find_nearby(await raw_connection(session), position_of(request.position), now)
            wanted = [near for near in nearby if near.open_now or not request.open_now_only]
            ranked = sorted(((rank(near, _RANKINGS[request.order]), near) for near in wanted), key=lambda pair: pair[0])
            left = [(key, near) for key, near in ranked if behind is None or key > tuple(behind)]
            rows = await catalogue.pharmacies(session, [near.pharmacy_id for _, near in left[:size]])
        response = pb.ListPharmaciesResponse(
            pharmacies=[
                NearbyPharmacy(pharmacy=pharmacy_message(rows[near.pharmacy_id], now), terms=terms_message(near))
                for _, near in left[:size]
            ]
        )
        if len(left) > size:
            response.next_page_token = paging.encode(left[size - 1][0], request)
        return response

    async def ListAllPharmacies(self, request: pb.ListAllPharmaciesRequest, call: Call) -> pb.ListAllPharmaciesResponse:
        now, size, behind = self._clock(), request.page_size or _USUALLY, _behind(request.page_token, request)
        async with self._database.transaction() as session:
            found = await pharmacies.page(session, behind, size + 1)
        response = pb.ListAllPharmaciesResponse(pharmacies=[pharmacy_message(row, now) for row in found[:size]])
        if len(found) > size:
            response.next_page_token = paging.encode([str(found[size - 1].pharmacy_id)], request)
        return response

    async def GetPharmacy(self, request: pb.GetPharmacyRequest, call: Call) -> pb.GetPharmacyResponse:
        now, pharmacy_id = self._clock(), UUID(request.pharmacy_id)
        async with self._database.transaction() as session:
            row = await catalogue.find_pharmacy(session, pharmacy_id)
            if row is None:
                raise not_found("pharmacy")
            response = pb.GetPharmacyResponse(pharmacy=pharmacy_message(row, now))
            if request.HasField("position"):
                connection = await raw_connection(session)
                for near in await find_nearby(connection, position_of(request.position), now, pharmacy_id):
                    response.terms.CopyFrom(terms_message(near))
        return response

    async def PutPharmacy(self, request: pb.PutPharmacyRequest, call: Call) -> pb.PutPharmacyResponse:
        now = self._clock()
        async with self._database.transaction() as session:

            async def put() -> pb.PutPharmacyResponse:
                wanted = _pharmacy_row(UUID(request.pharmacy_id), request.content, now)
                return pb.PutPharmacyResponse(pharmacy=pharmacy_message(await pharmacies.put(session, wanted), now))

            return await answer_once(session, call, request, pb.PutPharmacyResponse, put)

    async def AddStaff(self, request: pb.AddStaffRequest, call: Call) -> pb.AddStaffResponse:
        async with self._database.transaction() as session:

            async def add() -> pb.AddStaffResponse:
                pharmacy_id = await _require_pharmacy(session, request.pharmacy_id)
                await pharmacies.add_staff(session, pharmacy_id, UUID(request.account_id), self._clock())
                return pb.AddStaffResponse()

            return await answer_once(session, call, request, pb.AddStaffResponse, add)

    async def RemoveStaff(self, request: pb.RemoveStaffRequest, call: Call) -> pb.RemoveStaffResponse:
        async with self._database.transaction() as session:

            async def remove() -> pb.RemoveStaffResponse:
                if not await pharmacies.remove_staff(session, UUID(request.pharmacy_id), UUID(request.account_id)):
                    raise not_found("member of staff")
                return pb.RemoveStaffResponse()

            return await answer_once(session, call, request, pb.RemoveStaffResponse, remove)

    async def ListStaff(self, request: pb.ListStaffRequest, call: Call) -> pb.ListStaffResponse:
        size, behind = paging.page_size(request.page_size), _behind(request.page_token, request)
        async with self._database.transaction() as session:
            found = await pharmacies.staff_page(session, UUID(request.pharmacy_id), behind, size + 1)
        response = pb.ListStaffResponse(account_ids=map(str, found[:size]))
        if len(found) > size:
            response.next_page_token = paging.encode([str(found[size - 1])], request)
        return response


def _behind(token: str, request: Message) -> UUID | None:
    """Return the last id of the page before. Raise INVALID_PAGE_TOKEN."""
    key = paging.decode(token, request, [str])
    try:
        return UUID(key[0]) if key else None
    except ValueError as error:
        raise paging.invalid() from error


async def _require_pharmacy(session: AsyncSession, pharmacy_id: str) -> UUID:
    """Errors: NOT_FOUND."""
    found = await catalogue.find_pharmacy(session, UUID(pharmacy_id))
    if found is None:
        raise not_found("pharmacy")
    return found.pharmacy_id


def _pharmacy_row(pharmacy_id: UUID, content: PharmacyContent, now: datetime) -> PharmacyRow:
    """Errors: INVALID_FIELD, `BadHoursError`, `NoAreaError`."""
    if content.time_zone not in zones():
        raise invalid_field("content.time_zone", "no such time zone")
    hours = [Interval(one.weekday, one.opens_minute, one.closes_minute) for one in content.hours.intervals]
    position = position_of(content.position)
    return PharmacyRow(
        pharmacy_id=pharmacy_id,
        name=content.name,
        name_en=content.name_en,
        licence_number=content.licence_number,
        licence_expiry_date=date_of(content.licence_expiry_date, "content.licence_expiry_date"),
        address=content.address,
        phone=content.phone,
        latitude=position.latitude,
        longitude=position.longitude,
        delivery_area=[(corner.longitude, corner.latitude) for corner in _ring(content, position)],
        hours=opening_hours(hours).SerializeToString(),
        time_zone=content.time_zone,
        preparing_minutes=content.preparing_minutes,
        delivery_base_minor=minor_units(content.delivery_base, "content.delivery_base"),
        delivery_per_km_minor=minor_units(content.delivery_per_km, "content.delivery_per_km"),
        currency=CURRENCY,
        open_for_orders=content.open_for_orders,
        update_time=now,
    )


def _ring(content: PharmacyContent, position: Position) -> list[Position]:
    """Errors: `NoAreaError`."""
    area = content.delivery_area
    if area.WhichOneof("area") == "radius_metres":
        return ring_around(position, area.radius_metres)
    ring = [position_of(corner) for corner in area.polygon.corners]
    require_area(ring)
    return ring
