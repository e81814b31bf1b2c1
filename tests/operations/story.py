"""What goes on at a platform while it is backed up, and what was acknowledged until then."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime

from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from apricot.consult.v1.prescription_pb2 import Prescription
from apricot.identity.v1.account_pb2 import SetPasswordRequest
from apricot.pharmacy.v1.order_pb2 import WantedItem
from apricot.pharmacy.v1.payment_pb2 import PAYMENT_PROVIDER_SANDBOX

from clients.sdk import Recorder
from stack.platform import Platform
from tests.consult.doctors import listed_doctor
from tests.consult.prescriptions.writing import facts, written
from tests.e2e.market import Market, named, place, request_id, tablets
from tests.e2e.prescribing import prescribed
from tests.people import PASSWORD, People, Person
from tests.pictures import picture

ZONE = "Asia/Shanghai"


@dataclass
class Acknowledged:
    """What the platform said it has."""

    entries: set[str] = field(default_factory=set)
    granted: set[str] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)
    orders: set[str] = field(default_factory=set)
    reads: int = 0
    """Of the patient's diary by her clinician."""


@dataclass
class Story:
    """A patient, her clinician, a doctor who prescribes, and a pharmacy."""

    market: Market
    patient: Person
    clinician: Person
    doctor: Person
    product_id: str
    prescription: Prescription
    photo_id: str
    photo_bytes: bytes
    acknowledged: Acknowledged = field(default_factory=Acknowledged)

    @classmethod
    async def begin(cls, platform: Platform, people: People) -> "Story":
        """The pharmacy's worker is away from before the prescription is issued: it has not heard of it."""
        market = await Market.open(platform, people, (50.0, 100.0))
        patient = await named(await people.patient())
        await patient.session.account.SetPassword(SetPasswordRequest(request_id=request_id(), new_password=PASSWORD))
        clinician = await people.new_clinician()
        await patient.grant(clinician, SCOPE_GLUCOSE_READ)
        doctor = await listed_doctor(people, "endocrinology")
        content = tablets("对乙酰氨基酚片", "paracetamol", "N02BE01", "500", on_prescription=False)
        product_id = await market.sell(content, 1990)
        await platform.part("pharmacy-worker").stop()
        prescription = await prescribed(doctor, patient, written(), facts(datetime.now(UTC).date().isoformat()))
        photo = (await patient.session.upload_photo(patient.account_id, picture())).photo_id
        shown = await patient.session.download_photo(patient.account_id, photo)
        return cls(market, patient, clinician, doctor, product_id, prescription, photo, shown)

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """All of them are busy."""
        works = self._log, self._log, self._share, self._read, self._order
        tasks = [asyncio.create_task(_again_and_again(work)) for work in works]
        try:
            yield
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def is_busy(self) -> bool:
        """Whether each of them has done something."""
        done = self.acknowledged
        return bool(len(done.entries) > 10 and done.revoked and len(done.orders) > 1 and done.reads)

    def so_far(self) -> Acknowledged:
        """What is acknowledged by now."""
        return deepcopy(self.acknowledged)

    async def _log(self) -> None:
        entry = Recorder.by_hand("phone", ZONE).fingerstick_reading(datetime.now(UTC), 101)
        await self.patient.session.log(self.patient.account_id, [entry])
        self.acknowledged.entries.add(entry.entry_id)

    async def _share(self) -> None:
        grant = await self.patient.grant(self.doctor, SCOPE_GLUCOSE_READ)
        self.acknowledged.granted.add(grant)
        await self.patient.revoke(grant)
        self.acknowledged.revoked.add(grant)

    async def _read(self) -> None:
        async for _ in self.clinician.session.entries(self.patient.account_id):
            break
        self.acknowledged.reads += 1

    async def _order(self) -> None:
        quote = await self.market.quote(self.patient, WantedItem(product_id=self.product_id, quantity=1))
        order = await place(self.patient, quote)
        self.acknowledged.orders.add(order.order_id)
        await self.market.pay(self.patient, order.order_id, PAYMENT_PROVIDER_SANDBOX)


async def _again_and_again(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await work()
