"""What of a product is shown to whom. The law keeps packaging, leaflet, indications and dosage of prescription
medicines back until a pharmacist has approved a prescription (online sale of medicine, 2022): from buyers, and not from
those who prescribe, review, dispense or keep the catalogue."""

from collections.abc import Collection
from uuid import UUID

from apricot.pharmacy.v1.product_pb2 import Product, ProductContent
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.store.catalog_tables import ProductRow
from services.pharmacy.store.order_tables import OrderItemRow, OrderRow


async def approved_atc_codes(session: AsyncSession, patient_id: UUID) -> frozenset[str]:
    """The medicines of which a pharmacist has approved a prescription of this patient's."""
    query = (
        select(OrderItemRow.atc_code)
        .join(OrderRow, col(OrderRow.order_id) == col(OrderItemRow.order_id))
        .where(
            OrderRow.patient_id == patient_id,
            OrderItemRow.patient_id == patient_id,
            col(OrderRow.approved),
            col(OrderItemRow.prescription_only),
        )
        .distinct()
    )
    return frozenset((await session.exec(query)).all())


def product_message(row: ProductRow, approved: Collection[str], *, for_professional: bool = False) -> Product:
    """A product, for somebody with approved prescriptions for these codes, or who need have none."""
    content = ProductContent.FromString(row.content)
    hidden = row.prescription_only and not for_professional and row.atc_code not in approved
    if hidden:
        content.ClearField("packaging_picture_url")
        content.ClearField("leaflet")
        content.ClearField("indications")
        content.ClearField("dosage")
    return Product(product_id=str(row.product_id), content=content, pack=row.pack, hidden=hidden)
