"""Products on their way in: checked by the contract's rules and the law's, then written; each is answered by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apricot.consult.v1.prescription_pb2 import MEDICINE_FORM_INJECTION
from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1 import catalog_pb2 as pb
from apricot.pharmacy.v1.product_pb2 import PRODUCT_CLASS_PRESCRIPTION, ProductContent
from sqlmodel.ext.asyncio.session import AsyncSession

from formulary import safety_rows
from formulary.online import ban_on
from kit import validation
from services.pharmacy.domain.products import (
    MedicineNotAllowedError,
    NoSuchAilmentsError,
    require_allowed,
)
from services.pharmacy.rpc.places import CURRENCY
from services.pharmacy.store import products

_TEXTS = ("approval_number", "name_zh", "name_en", "strength_text")
"""What becomes a column of text."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a product is not taken."""

    reason: Reason.ValueType
    field: str
    message: str


async def take_in(session: AsyncSession, contents: Sequence[ProductContent], now: datetime) -> list[pb.ProductResult]:
    """What became of each; of one product twice, the last counts."""
    refusals = [refusal_of(content) for content in contents]
    good = [content for content, refusal in zip(contents, refusals, strict=True) if refusal is None]
    last = {products.id_of(content): content for content in good}
    written = await products.write(session, list(last.values()), now)
    return [
        _refused(refusal) if refusal else _written(products.id_of(content), written)
        for content, refusal in zip(contents, refusals, strict=True)
    ]


def refusal_of(content: ProductContent) -> Refusal | None:
    """Why it is not taken; None: it is."""
    if broken := validation.violations(content):
        return Refusal(Reason.REASON_INVALID_FIELD, broken[0].field, broken[0].description)
    for field in _TEXTS:
        if "\0" in getattr(content, field):
            return Refusal(Reason.REASON_INVALID_FIELD, field, "holds the character U+0000")
    if content.HasField("recommended_price") and content.recommended_price.currency_code != CURRENCY:
        return Refusal(Reason.REASON_INVALID_FIELD, "recommended_price.currency_code", f"prices are in {CURRENCY}")
    injected = content.form == MEDICINE_FORM_INJECTION
    ban = ban_on(content.atc_code, content.name_en, content.name_zh, injected=injected)
    is_prescription = content.product_class == PRODUCT_CLASS_PRESCRIPTION
    try:
        require_allowed(ban, is_prescription=is_prescription, ailments=content.ailments)
    except MedicineNotAllowedError as error:
        return Refusal(Reason.REASON_MEDICINE_NOT_ALLOWED, "", str(error))
    except NoSuchAilmentsError as error:
        return Refusal(Reason.REASON_INVALID_FIELD, "ailments", str(error))
    if is_prescription and (gaps := safety_rows.missing(content.atc_code)):
        message = f"not sold on prescription: no safety data on {', '.join(gaps)}"
        return Refusal(Reason.REASON_MEDICINE_NOT_ALLOWED, "atc_code", message)
    return None


def _refused(refusal: Refusal) -> pb.ProductResult:
    return pb.ProductResult(
        outcome=pb.PRODUCT_OUTCOME_REFUSED, reason=refusal.reason, field=refusal.field, message=refusal.message
    )


def _written(wanted: UUID, written: dict[UUID, bool]) -> pb.ProductResult:
    outcome = pb.PRODUCT_OUTCOME_CREATED if written[wanted] else pb.PRODUCT_OUTCOME_UPDATED
    return pb.ProductResult(product_id=str(wanted), outcome=outcome)
