"""Doctors by chance, and what a search has to find among them, by Python alone."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from apricot.consult.v1 import directory_pb2
from apricot.consult.v1.directory_pb2 import SearchDoctorsRequest

from kit.database import Database
from kit.text_search import tokens
from kit.times import to_datetime
from services.consult.domain.practice import language_ranges
from services.consult.store.departments import departments
from services.consult.store.doctors import FEES
from services.consult.store.documents import index
from services.consult.store.tables import DoctorRow, HospitalRow

NOW = datetime(2030, 5, 17, 8, tzinfo=UTC)
CITIES, GRADES = ("杭州", "上海", "O'Ci\\ty"), ("3A", "3B", "2A", "")
DEPARTMENTS = ("endocrinology", "cardiology", "paediatrics")
NAMES = ("王小明", "王明", "李晓红 Xiaohong Li", "周明 Zhou Ming", "陈明明", "欧阳明月")
SPECIALTIES = ("糖尿病", "妊娠糖尿病", "高血压", "insulin pumps", "小儿糖尿病")
BIOGRAPHIES = ("", "王小明的学生", "从事糖尿病与高血压工作", "worked with Zhou on insulin", "明")
QUERIES = (
    *("", "", "王小明", "明", "糖尿病", "尿病", "insulin", "周 糖尿病"),
    *("zhou", "内分泌科", "Cardiology", "杭州 高血压", "!?"),
)
LANGUAGES = ("zh", "zh-Hant-HK", "en", "en-GB")


def rated(chance: random.Random) -> float:
    """Stars that a `real` holds exactly, so that many are rated alike."""
    return chance.choice((0, 3, 3.5, 4, 4.5, 5))


class Model:
    """A small directory, also in the database."""

    def __init__(self, chance: random.Random, how_many: int) -> None:
        self._chance = chance
        self.hospitals = {one.hospital_id: one for one in (self._hospital(number) for number in range(8))}
        self.doctors = {one.doctor_id: one for one in (self._doctor() for _ in range(how_many))}
        self._said = {one.doctor_id: self._fields(one) for one in self.doctors.values()}

    async def store(self, database: Database) -> None:
        """In the place of whatever is there."""
        async with database.connection() as connection:
            await connection.execute("truncate doctor, hospital, search_word cascade")
        async with database.transaction() as session:
            session.add_all(self.hospitals.values())
            await session.flush()
            session.add_all(self.doctors.values())
            await index(session, list(self.doctors.values()))

    def request(self) -> SearchDoctorsRequest:
        """Some filters, an order and a size by chance."""
        chance = self._chance
        request = SearchDoctorsRequest(query=chance.choice(QUERIES), page_size=chance.choice((1, 3, 7, 100)))
        request.order = chance.choice((0, 0, 1, 2, 3, 4))  # type: ignore[assignment]  # by number
        if chance.random() < 0.25:
            request.department_code = chance.choice(DEPARTMENTS)
        if chance.random() < 0.15:
            request.hospital_id = str(chance.choice(list(self.hospitals)))
        if chance.random() < 0.25:
            request.city = chance.choice(CITIES)
        if chance.random() < 0.25:
            request.hospital_grades.extend(chance.sample(GRADES[:3], 2))
        if chance.random() < 0.35:
            request.modes.extend(chance.sample((1, 2, 3), chance.randint(1, 2)))  # type: ignore[arg-type]  # by number
        if chance.random() < 0.3:
            request.maximum_fee.currency_code, request.maximum_fee.minor_units = "CNY", chance.choice((0, 1900, 4900))
        if chance.random() < 0.25:
            request.minimum_rating = chance.choice((3.5, 4, 4.5))
        if chance.random() < 0.25:
            request.available_before.FromDatetime(NOW + timedelta(hours=chance.choice((1, 2, 48))))
        if chance.random() < 0.2:
            request.language = chance.choice(("zh", "zh-Hant", "en", "en-GB", "ja"))
        return request

    def expected(self, request: SearchDoctorsRequest) -> list[UUID]:
        """Everybody the request finds, in its order."""
        found = [row for row in self.doctors.values() if self._is_found(row, request)]
        return [row.doctor_id for row in sorted(found, key=lambda row: self._place(row, request))]

    def facets(self, request: SearchDoctorsRequest) -> directory_pb2.Facets:
        """Each choice's count, by trying it."""

        def count(field: str, value: Callable[[DoctorRow], Sequence[Any]]) -> Counter[Any]:
            others = SearchDoctorsRequest()
            others.CopyFrom(request)
            others.ClearField(field)  # type: ignore[arg-type]
            return Counter(
                each for row in self.doctors.values() if self._is_found(row, others) for each in value(row) if each
            )

        modes: Counter[int] = Counter()
        for mode in FEES:
            alone = SearchDoctorsRequest()
            alone.CopyFrom(request)
            del alone.modes[:]
            alone.modes.append(mode)  # type: ignore[arg-type]
            modes[mode] = sum(self._is_found(row, alone) for row in self.doctors.values())
        return directory_pb2.Facets(
            departments=_choices(count("department_code", lambda row: [row.department_code])),
            hospital_grades=_choices(count("hospital_grades", lambda row: [self._at(row).grade])),
            cities=_choices(count("city", lambda row: [self._at(row).city])),
            modes=[directory_pb2.ModeCount(mode=mode, count=modes[mode]) for mode in modes if modes[mode]],  # type: ignore[arg-type]
        )

    def _at(self, row: DoctorRow) -> HospitalRow:
        none = HospitalRow(hospital_id=UUID(int=0), name="", name_en="", grade="", city="")
        return self.hospitals[row.hospital_id] if row.hospital_id else none

    def _is_found(self, row: DoctorRow, request: SearchDoctorsRequest) -> bool:
        fees = [getattr(row, column) for mode, column in FEES.items() if not request.modes or mode in request.modes]
        fees = [fee for fee in fees if fee is not None]
        slot = row.next_slot_time
        return (
            row.listed
            and row.licence_end_time is not None
            and row.licence_end_time > NOW
            and self._tier(row, request) is not None
            and request.department_code in ("", row.department_code)
            and request.hospital_id in ("", str(row.hospital_id))
            and request.city in ("", self._at(row).city)
            and (not request.hospital_grades or self._at(row).grade in request.hospital_grades)
            and (not request.modes or bool(fees))
            and (not request.HasField("maximum_fee") or min(fees, default=10**9) <= request.maximum_fee.minor_units)
            and row.rating_average >= request.minimum_rating
            and (
                not request.HasField("available_before")
                or (slot is not None and NOW <= slot < to_datetime(request.available_before))
            )
            and (not request.language or any(f"{tag}-".startswith(f"{request.language}-") for tag in row.languages))
        )

    def _tier(self, row: DoctorRow, request: SearchDoctorsRequest) -> int | None:
        """The narrowest field that has all of the query; None: no field has."""
        wanted = [token.text for token in tokens(request.query)]
        for tier, has in enumerate(self._said[row.doctor_id]):
            if all(any(part.startswith(one) if len(one) == 1 else part == one for part in has) for one in wanted):
                return tier
        return None

    def _fields(self, row: DoctorRow) -> list[set[str]]:
        """The tokens of the name, of that and the work, of all."""
        department, hospital = departments()[row.department_code], self._at(row)
        work = " ".join((row.display_name, department.name, department.name_en, *row.specialties))
        work = " ".join((work, hospital.name, hospital.name_en, hospital.city))
        return [{token.text for token in tokens(text)} for text in (row.display_name, work, f"{work} {row.biography}")]

    def _place(self, row: DoctorRow, request: SearchDoctorsRequest) -> tuple[Any, ...]:
        best_rated = -row.rating_average, -row.doctor_id.int
        fees = [getattr(row, column) for mode, column in FEES.items() if not request.modes or mode in request.modes]
        match request.order:
            case 0:
                return (self._tier(row, request), *best_rated)
            case 1:
                return best_rated
            case 2:
                key: Any = min((fee for fee in fees if fee is not None), default=None)
            case 3:
                key = row.next_slot_time if row.next_slot_time and row.next_slot_time >= NOW else None
            case _:
                key = row.answer_minutes
        return (key is None, 0 if key is None else key, row.doctor_id.int)

    def _hospital(self, number: int) -> HospitalRow:
        return HospitalRow(
            hospital_id=UUID(int=self._chance.getrandbits(128), version=4),
            name=f"{self._chance.choice(CITIES)}第{number}医院",
            name_en=f"Hospital No. {number}",
            grade=self._chance.choice(GRADES),
            city=self._chance.choice(CITIES),
        )

    def _doctor(self) -> DoctorRow:
        chance = self._chance
        fees = [chance.choice((None, 0, 1900, 4900)) for _ in FEES]
        languages = chance.sample(LANGUAGES, chance.randint(0, 2))
        return DoctorRow(
            doctor_id=UUID(int=chance.getrandbits(128), version=4),
            display_name=chance.choice(NAMES),
            title="主任医师",
            licence_end_time=NOW + chance.choice((-1, 0, 1, 1, 1, 1)) * timedelta(seconds=1)
            if chance.random() < 0.95
            else None,
            first_registration_date=date(2001, 2, 3),
            hospital_id=chance.choice([*self.hospitals, None]),
            department_code=chance.choice(DEPARTMENTS),
            listed=chance.random() < 0.9,
            specialties=chance.sample(SPECIALTIES, chance.randint(0, 2)),
            languages=languages,
            language_ranges=language_ranges(languages),
            biography=chance.choice(BIOGRAPHIES),
            text_fee_minor=fees[0],
            voice_fee_minor=fees[1],
            video_fee_minor=fees[2],
            next_slot_time=chance.choice((None, *(NOW + timedelta(hours=hours) for hours in (-1, 0, 1, 24)))),
            rating_average=rated(chance),
            answer_minutes=chance.choice((None, 1.5, 30, 600)),
        )


def _choices(counts: Counter[str]) -> list[directory_pb2.FacetCount]:
    ordered = sorted(counts.items(), key=lambda choice: (-choice[1], choice[0]))
    return [directory_pb2.FacetCount(value=value, count=count) for value, count in ordered]
