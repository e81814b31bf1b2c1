"""The demo clinician's practice, so that patients find somebody to ask."""

from uuid import uuid4

from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_MODE_TEXT,
    CONSULTATION_MODE_VIDEO,
    CONSULTATION_MODE_VOICE,
)
from apricot.consult.v1.directory_pb2 import (
    GetPracticeRequest,
    ListHospitalsRequest,
    ModeOffer,
    Practice,
    UpdatePracticeRequest,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.money.v1.money_pb2 import Money

from clients.sdk import ApricotError, Session

_CITY, _HOSPITAL = "杭州", "杭州杏林医院"
"""The hospital is the one of the licence."""
_FEES = {CONSULTATION_MODE_TEXT: 1900, CONSULTATION_MODE_VOICE: 4900, CONSULTATION_MODE_VIDEO: 6900}
"""In fen."""


async def open_practice(clinician: Session) -> None:
    """Set it, unless the clinician has one: what people left stays. Errors: ApricotError."""
    try:
        await clinician.directory.GetPractice(GetPracticeRequest())
    except ApricotError as error:
        if error.reason != Reason.REASON_NOT_FOUND:
            raise
        await clinician.directory.UpdatePractice(
            UpdatePracticeRequest(request_id=str(uuid4()), practice=await _practice(clinician))
        )


async def _practice(clinician: Session) -> Practice:
    hospitals = (await clinician.directory.ListHospitals(ListHospitalsRequest(city=_CITY, page_size=1000))).hospitals
    return Practice(
        hospital_id=next((one.hospital_id for one in hospitals if one.name == _HOSPITAL), ""),
        department_code="endocrinology",
        specialties=["1型糖尿病", "2型糖尿病", "妊娠糖尿病", "胰岛素泵", "continuous glucose monitoring"],
        languages=["zh", "en"],
        modes=[
            ModeOffer(mode=mode, fee=Money(currency_code="CNY", minor_units=minor)) for mode, minor in _FEES.items()
        ],
        biography="内分泌科主任医师，从事糖尿病诊治二十余年，注重动态血糖监测与生活方式管理。",
        listed=True,
    )
