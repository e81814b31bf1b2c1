"""What patients search for, as ready bytes: words in Chinese and English, some mistyped, or none, and what they filter
and order by. One of five asks for facets."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from apricot.consult.v1.consultation_pb2 import ConsultationMode
from apricot.consult.v1.directory_pb2 import DoctorOrder, SearchDoctorsRequest

from benchmarks.directory import CITIES, DEPARTMENTS, GIVEN, SURNAMES, TOPICS, TOPICS_EN

SEARCH = "/apricot.consult.v1.DirectoryService/SearchDoctors"
TYPOS = ("diabets", "hypertention", "cardiolgy", "endocrinolgy", "neurolgy", "paediatrcs", "dermatolgy", "athsma")


def search_requests(patient: str) -> Iterator[bytes]:
    """One after the other, others for each patient."""
    chance = random.Random(patient)
    while True:
        yield _request(chance).SerializeToString()


def _request(chance: random.Random) -> SearchDoctorsRequest:
    order = DoctorOrder.ValueType(chance.choice((0, 0, 0, 0, 0, 0, 1, 2, 3, 4)))
    request = SearchDoctorsRequest(query=_query(chance), order=order, with_facets=chance.random() < 0.2)
    if chance.random() < 0.35:
        request.department_code = chance.choice(DEPARTMENTS).code
    if chance.random() < 0.25:
        request.city = chance.choice(CITIES)
    if chance.random() < 0.15:
        request.hospital_grades.extend(chance.choice((["3A"], ["3A", "3B"])))
    if chance.random() < 0.25:
        request.modes.append(ConsultationMode.ValueType(chance.randint(1, 3)))
    if chance.random() < 0.15:
        request.maximum_fee.currency_code, request.maximum_fee.minor_units = "CNY", chance.choice((0, 2000, 5000))
    if chance.random() < 0.15:
        request.minimum_rating = chance.choice((4, 4.5))
    if chance.random() < 0.15:
        request.available_before.FromDatetime(datetime.now(UTC) + timedelta(days=chance.randint(1, 5)))
    if chance.random() < 0.05:
        request.language = chance.choice(("en", "ja"))
    return request


def _query(chance: random.Random) -> str:
    """What somebody types; a third type nothing."""
    surname, given = chance.choice(SURNAMES), chance.sample(GIVEN, 2)
    department = chance.choice(DEPARTMENTS)
    return chance.choice(
        (
            "",
            "",
            "",
            "",
            chance.choice(TOPICS),
            chance.choice(TOPICS),
            department.name,
            department.name_en,
            chance.choice(TOPICS_EN),
            chance.choice(TYPOS),
            f"{surname[0]}{given[0][0]}",
            f"{surname[0]}{given[0][0]}{given[1][0]}",
            f"{given[0][1:]} {surname[1:]}",
            f"{chance.choice(CITIES)} {chance.choice(TOPICS)}",
            f"{surname[0]}医生 {department.name}",
        )
    )
