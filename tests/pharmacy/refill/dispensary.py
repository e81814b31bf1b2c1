"""A pharmacy in this process: orders that are handed over, diaries that are really asked, and time by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from apricot.access.v1.access_pb2 import Scope
from apricot.consult.v1.prescription_pb2 import (
    MEDICINE_FORM_INHALATION,
    MEDICINE_FORM_INJECTION,
    MEDICINE_FORM_TABLET,
    Amount,
    Frequency,
    PrescriptionContent,
    PrescriptionItem,
    Strength,
    WrittenPrescription,
)
from apricot.glucose.v1.dose_pb2 import PatientDoses, SummarizeDosesRequest
from apricot.glucose.v1.entry_pb2 import DOSE_UNIT_TABLET, DoseUnit, Entry
from apricot.identity.v1.care_pb2 import Carer
from apricot.pharmacy.v1.place_pb2 import Address, Position
from apricot.pharmacy.v1.product_pb2 import PRODUCT_CLASS_OTC_GREEN, PRODUCT_CLASS_PRESCRIPTION, ProductContent
from sqlmodel import col, select

from clients.sdk import Recorder
from kit import contract
from kit.call import Call, Caller
from kit.database import Database
from kit.pushes import PushRow
from kit.relations import Decision
from kit.times import to_timestamp
from kit.views import EVERYTHING, NOTHING, View
from services.glucose.rpc.doses import Doses
from services.pharmacy import life
from services.pharmacy.domain.orders import Act, State
from services.pharmacy.rpc.refills import Refills
from services.pharmacy.store import orders
from services.pharmacy.store.tables import ClaimRow, OrderItemRow, OrderRow, PrescriptionRow, ProductRow
from services.pharmacy.work.diaries import FindDoses
from services.pharmacy.work.supplies import Supplies
from tests.glucose.called import call as glucose_call
from tests.glucose.quiet import Quiet
from tests.in_process import HandClock

METFORMIN = ProductContent(
    approval_number="国药准字H00000001",
    atc_code="A10BA02",
    name_zh="二甲双胍",
    name_en="metformin",
    manufacturer="杏林药业",
    strength=Strength(value="500", unit="mg"),
    form=MEDICINE_FORM_TABLET,
    pack=Amount(value="60", unit="{tablet}"),
    product_class=PRODUCT_CLASS_PRESCRIPTION,
)
GLARGINE = ProductContent(
    approval_number="国药准字S00000002",
    atc_code="A10AE04",
    name_zh="甘精胰岛素",
    name_en="insulin glargine",
    manufacturer="杏林药业",
    strength=Strength(value="100", unit="[iU]/mL"),
    form=MEDICINE_FORM_INJECTION,
    pack=Amount(value="1", unit="{pen}"),
    pack_measure=Amount(value="3", unit="mL"),
    product_class=PRODUCT_CLASS_PRESCRIPTION,
)
PARACETAMOL = ProductContent(
    approval_number="国药准字H00000003",
    atc_code="N02BE01",
    name_zh="对乙酰氨基酚",
    name_en="paracetamol",
    manufacturer="杏林药业",
    strength=Strength(value="500", unit="mg"),
    form=MEDICINE_FORM_TABLET,
    pack=Amount(value="20", unit="{tablet}"),
    product_class=PRODUCT_CLASS_OTC_GREEN,
)
BUDESONIDE = ProductContent(
    approval_number="国药准字H00000006",
    atc_code="R03BA02",
    name_zh="布地奈德",
    name_en="budesonide",
    manufacturer="杏林药业",
    strength=Strength(value="200", unit="ug"),
    form=MEDICINE_FORM_INHALATION,
    pack=Amount(value="1", unit="{box}"),
    pack_measure=Amount(value="200", unit="{puff}"),
    product_class=PRODUCT_CLASS_PRESCRIPTION,
)
ADDRESS = Address(
    recipient="林杏",
    phone="+8613900000000",
    lines="杏林路 1 号 2 单元 301",
    position=Position(latitude=31.2, longitude=121.5),
)


def prescribed(product: ProductContent, dose: str, unit: str, *, repeats: int = 0, **often: int) -> PrescriptionItem:
    """Twice a day unless told otherwise, for 30 days."""
    return PrescriptionItem(
        atc_code=product.atc_code,
        name_zh=product.name_zh,
        name_en=product.name_en,
        strength=product.strength,
        form=product.form,
        dose=Amount(value=dose, unit=unit),
        frequency=Frequency(**(often or {"times_per_day": 2})),
        duration_days=30,
        quantity=product.pack,
        repeats=repeats,
    )


@dataclass
class Dispensary:
    """Everybody's orders and diaries."""

    database: Database
    quiet: Quiet
    clock: HandClock
    doctor: UUID = field(default_factory=uuid4)
    carers: set[UUID] = field(default_factory=set)
    """Who may read everybody's doses."""

    # What is arranged

    async def prescribe(self, patient: UUID, *items: PrescriptionItem) -> UUID:
        content = PrescriptionContent(
            prescription_id=str(uuid4()),
            revision=1,
            patient_id=str(patient),
            doctor_id=str(self.doctor),
            written=WrittenPrescription(items=items),
            issue_time=to_timestamp(self.clock()),
            expire_time=to_timestamp(self.clock() + timedelta(days=3)),
        )
        row = PrescriptionRow(
            prescription_id=UUID(content.prescription_id),
            revision=1,
            patient_id=patient,
            signed_content=content.SerializeToString(),
            signature=b"",
            key_id=uuid4(),
            state=1,
        )
        async with self.database.transaction() as session:
            session.add(row)
        return row.prescription_id

    async def order(
        self,
        patient: UUID,
        *products: ProductContent,
        packs: int = 1,
        prescription: UUID | None = None,
        state: State = State.ON_THE_WAY,
    ) -> UUID:
        """An order that stands so."""
        now, order_id = self.clock(), uuid4()
        row = OrderRow(
            order_id=order_id,
            patient_id=patient,
            pharmacy_id=uuid4(),
            state=state,
            prescription_id=prescription,
            prescription_revision=1 if prescription else 0,
            needs_review=prescription is not None,
            approved=prescription is not None,
            goods_minor=1000,
            delivery_minor=500,
            currency="CNY",
            buyer_name="林杏",
            address=ADDRESS.SerializeToString(),
            latitude=ADDRESS.position.latitude,
            longitude=ADDRESS.position.longitude,
            distance_metres=900,
            cold_chain=False,
            last_sequence=0,
            create_time=now - timedelta(hours=1),
            update_time=now - timedelta(hours=1),
        )
        async with self.database.transaction() as session:
            session.add(row)
            await session.flush()
            for line, product in enumerate(products, start=1):
                product_row = _product(product, now)
                await session.merge(product_row)
                session.add(
                    OrderItemRow(
                        order_id=order_id,
                        line=line,
                        patient_id=patient,
                        product_id=product_row.product_id,
                        quantity=packs,
                        price_minor=1000,
                        name_zh=product.name_zh,
                        name_en=product.name_en,
                        atc_code=product.atc_code,
                        pack="",
                        prescription_only=product.product_class == PRODUCT_CLASS_PRESCRIPTION,
                        prescription_item=line if prescription else 0,
                    )
                )
        return order_id

    async def move(self, order_id: UUID, *acts: Act) -> None:
        """As its staff, courier and buyer would."""
        for act in acts:
            async with self.database.transaction() as session:
                row = await orders.lock_order(session, order_id)
                assert row is not None
                await life.move(session, row, act, uuid4(), self.clock())

    async def deliver(
        self, patient: UUID, *products: ProductContent, packs: int = 1, prescription: UUID | None = None
    ) -> UUID:
        """Handed over now."""
        order_id = await self.order(patient, *products, packs=packs, prescription=prescription)
        await self.move(order_id, Act.DELIVER)
        return order_id

    async def used(self, patient: UUID, prescription: UUID, order: UUID, *, days: int) -> None:
        """The prescription was handed out for so many days by this order, now."""
        row = ClaimRow(
            order_id=order,
            patient_id=patient,
            prescription_id=prescription,
            revision=1,
            number=1,
            state=3,
            duration_days=days,
            claim_time=self.clock(),
            end_time=self.clock(),
        )
        async with self.database.transaction() as session:
            session.add(row)

    async def log(self, patient: UUID, *entries: Entry) -> None:
        self.quiet.now = self.clock()
        assert len(await self.quiet.log(patient, entries)) == len(entries)

    async def log_tablets(self, patient: UUID, days: range, amount: str, zone: str = "Asia/Shanghai") -> None:
        """So many of metformin on each of these days before today."""
        await self.log(patient, *(tablets(self.clock() - timedelta(days=day), amount, zone=zone) for day in days))

    # What is done

    async def find_doses(self, patient: UUID, start: datetime, end: datetime) -> PatientDoses:
        """Glucose's own answer."""
        request = SummarizeDosesRequest(
            patient_ids=[str(patient)], start_time=to_timestamp(start), end_time=to_timestamp(end)
        )
        answer = await Doses(self.quiet.database).SummarizeDoses(
            request, glucose_call("DoseService/SummarizeDoses", uuid4())
        )
        return answer.patients[0]

    async def find_carers(self, patient: UUID, scope: Scope.ValueType) -> Sequence[Carer]:
        return [Carer(account_id=str(account), clinical=True) for account in self.carers]

    async def look(self, find_doses: FindDoses | None = None) -> None:
        """The worker, once."""
        await self.worker(find_doses).do_due()

    def worker(self, find_doses: FindDoses | None = None) -> Supplies:
        return Supplies(
            self.database, cast(Any, _Asleep()), find_doses or self.find_doses, self.find_carers, self.clock
        )

    def refills(self) -> Refills:
        return Refills(self.database, cast(Any, _Asleep()), self._decide, self.clock)

    async def _decide(self, call: Call, patients: Sequence[UUID]) -> list[Decision]:
        view = EVERYTHING if call.caller.account_id in self.carers else NOTHING
        return [Decision(view, None, 0.0) for _ in patients]

    # What came of it

    async def pushes(self, account: UUID) -> list[str]:
        """The kinds, in order."""
        query = select(PushRow.kind).where(PushRow.account_id == account, PushRow.kind != "order")
        async with self.database.transaction() as session:
            return list((await session.exec(query.order_by(col(PushRow.id)))).all())


class _Asleep:
    async def wake(self) -> None:
        pass


def tablets(
    time: datetime, amount: str, unit: DoseUnit.ValueType = DOSE_UNIT_TABLET, zone: str = "Asia/Shanghai"
) -> Entry:
    recorder = Recorder.by_hand("phone", zone)
    return recorder.medicine_dose(time, "二甲双胍片", amount, unit, atc_code=METFORMIN.atc_code)


def call(path: str, caller: UUID, views: dict[UUID, View] | None = None) -> Call:
    """A call of a pharmacy method that was let in with these views."""
    made = Call(contract.methods()[f"/apricot.pharmacy.v1.{path}"], str(uuid4()))
    made.signed_in = Caller(caller, uuid4(), frozenset({"patient"}), datetime(2100, 1, 1, tzinfo=UTC))
    made.views = views or {}
    return made


def _product(content: ProductContent, now: datetime) -> ProductRow:
    return ProductRow(
        product_id=UUID(int=int(content.approval_number[-8:])),
        approval_number=content.approval_number,
        atc_code=content.atc_code,
        name_zh=content.name_zh,
        name_en=content.name_en,
        pack="",
        prescription_only=content.product_class == PRODUCT_CLASS_PRESCRIPTION,
        cold_chain=False,
        content=content.SerializeToString(),
        update_time=now,
    )
