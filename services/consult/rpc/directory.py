"""`apricot.consult.v1.DirectoryService`."""

from uuid import UUID

from apricot.consult.v1 import directory_pb2

from kit import paging
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import not_found
from kit.idempotency import answer_once
from kit.professionals import Professionals
from services.consult.domain.fee_bounds import DEFAULT_FEE_BOUNDS, BoundsByTitle
from services.consult.rpc.finding import find_doctors
from services.consult.rpc.practices import set_practice
from services.consult.store import hospitals
from services.consult.store.departments import departments
from services.consult.store.doctor_bodies import (
    department_message,
    doctor_message,
    find_listed,
    find_shown,
    hospital_message,
    practice_message,
)
from services.consult.store.tables import HospitalRow


class Directory:
    """Hospitals and doctors."""

    def __init__(
        self,
        database: Database,
        professionals: Professionals,
        clock: Clock,
        fee_bounds: BoundsByTitle = DEFAULT_FEE_BOUNDS,
    ) -> None:
        self._database = database
        self._professionals = professionals
        self._clock = clock
        self._fee_bounds = fee_bounds

    async def SearchDoctors(
        self, request: directory_pb2.SearchDoctorsRequest, call: Call
    ) -> directory_pb2.SearchDoctorsResponse:
        return await find_doctors(self._database, request, self._clock())

    async def GetDoctor(self, request: directory_pb2.GetDoctorRequest, call: Call) -> directory_pb2.GetDoctorResponse:
        now = self._clock()
        async with self._database.transaction() as session:
            found = await find_listed(session, UUID(request.doctor_id), now)
        if found is None:
            raise not_found("doctor")
        return directory_pb2.GetDoctorResponse(doctor=doctor_message(found, now))

    async def UpdatePractice(
        self, request: directory_pb2.UpdatePracticeRequest, call: Call
    ) -> directory_pb2.UpdatePracticeResponse:
        doctor_id, now = call.caller.account_id, self._clock()
        async with self._database.transaction() as session:

            async def update() -> directory_pb2.UpdatePracticeResponse:
                parts = session, self._professionals, self._fee_bounds
                found = await set_practice(*parts, doctor_id, request.practice, now)
                return directory_pb2.UpdatePracticeResponse(
                    practice=practice_message(found), doctor=doctor_message(found, now)
                )

            return await answer_once(session, call, request, directory_pb2.UpdatePracticeResponse, update)

    async def GetPractice(
        self, request: directory_pb2.GetPracticeRequest, call: Call
    ) -> directory_pb2.GetPracticeResponse:
        async with self._database.transaction() as session:
            found = await find_shown(session, call.caller.account_id)
        if found is None:
            raise not_found("practice")
        doctor = doctor_message(found, self._clock())
        return directory_pb2.GetPracticeResponse(practice=practice_message(found), doctor=doctor)

    async def ListHospitals(
        self, request: directory_pb2.ListHospitalsRequest, call: Call
    ) -> directory_pb2.ListHospitalsResponse:
        size = paging.page_size(request.page_size)
        async with self._database.transaction() as session:
            found = await hospitals.page(session, request.city, _behind(request), size + 1)
        response = directory_pb2.ListHospitalsResponse(hospitals=map(hospital_message, found[:size]))
        if len(found) > size:
            response.next_page_token = paging.encode([str(found[size - 1].hospital_id)], request)
        return response

    async def ListDepartments(
        self, request: directory_pb2.ListDepartmentsRequest, call: Call
    ) -> directory_pb2.ListDepartmentsResponse:
        return directory_pb2.ListDepartmentsResponse(departments=map(department_message, departments().values()))

    async def PutHospital(
        self, request: directory_pb2.PutHospitalRequest, call: Call
    ) -> directory_pb2.PutHospitalResponse:
        async with self._database.transaction() as session:

            async def put() -> directory_pb2.PutHospitalResponse:
                wanted = request.hospital
                hospital = HospitalRow(
                    hospital_id=UUID(wanted.hospital_id),
                    name=wanted.name,
                    name_en=wanted.name_en,
                    grade=wanted.grade,
                    city=wanted.city,
                )
                await hospitals.put(session, hospital)
                return directory_pb2.PutHospitalResponse(hospital=hospital_message(hospital))

            return await answer_once(session, call, request, directory_pb2.PutHospitalResponse, put)


def _behind(request: directory_pb2.ListHospitalsRequest) -> UUID | None:
    """The last hospital already listed. Errors: INVALID_PAGE_TOKEN."""
    key = paging.decode(request.page_token, request, [str])
    try:
        return UUID(key[0]) if key else None
    except ValueError as error:
        raise paging.invalid() from error
