"""The catalogue through the gateway: by gRPC and as JSON."""

from uuid import uuid4

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1 import catalog_pb2 as pb
from apricot.pharmacy.v1.pharmacy_pb2 import DeliveryArea

from clients.sdk.errors import ApricotError
from tests.people import People
from tests.pharmacy.catalog.arranged import HERE, drugstore, medicine, north_of, yuan

# The shared platform's demo does not deliver so far.
OUT_OF_TOWN = north_of(HERE, 200_000)


async def test_from_a_new_pharmacy_to_what_a_patient_finds(people: People) -> None:
    admin, patient = await people.admin(), await people.patient()
    pharmacist = await people.new_pharmacist()
    pharmacy_id = str(uuid4())
    content = drugstore(position=OUT_OF_TOWN, delivery_area=DeliveryArea(radius_metres=2000))
    await admin.session.catalog.PutPharmacy(
        pb.PutPharmacyRequest(request_id=str(uuid4()), pharmacy_id=pharmacy_id, content=content)
    )
    told = await admin.session.catalog.UpsertProducts(
        pb.UpsertProductsRequest(
            request_id=str(uuid4()), products=[medicine(ailments=["发热"]), medicine(atc_code="x")]
        )
    )
    product_id = told.results[0].product_id
    assert [result.outcome for result in told.results] == [pb.PRODUCT_OUTCOME_CREATED, pb.PRODUCT_OUTCOME_REFUSED]
    price = pb.OfferPrice(product_id=product_id, price=yuan(12.8))
    offers = pb.PutOffersRequest(request_id=str(uuid4()), pharmacy_id=pharmacy_id, offers=[price])
    with pytest.raises(ApricotError) as refused:
        await pharmacist.session.catalog.PutOffers(offers)
    assert refused.value.reason == Reason.REASON_NOT_FOUND
    await admin.session.catalog.AddStaff(
        pb.AddStaffRequest(request_id=str(uuid4()), pharmacy_id=pharmacy_id, account_id=pharmacist.account_id)
    )
    await pharmacist.session.catalog.PutOffers(offers)
    await pharmacist.session.catalog.SetStock(
        pb.SetStockRequest(
            request_id=str(uuid4()),
            pharmacy_id=pharmacy_id,
            product_id=product_id,
            lot_number="A",
            expiry_date="2099-12-31",
            on_hand=7,
        )
    )
    answer = await patient.session.catalog.SearchProducts(
        pb.SearchProductsRequest(position=OUT_OF_TOWN, query="发热", in_stock_only=True)
    )
    (found,) = answer.products
    assert (found.product.product_id, found.offer.price) == (product_id, yuan(12.8))
    with pytest.raises(ApricotError) as refused:
        await patient.session.catalog.PutOffers(offers)
    assert refused.value.reason == Reason.REASON_ROLE_REQUIRED


async def test_the_demo_is_planted(people: People) -> None:
    patient = await people.patient()
    near = await patient.session.catalog.ListPharmacies(pb.ListPharmaciesRequest(position=HERE))
    assert len(near.pharmacies) >= 3
    found = await patient.session.catalog.SearchProducts(pb.SearchProductsRequest(position=HERE, query="二甲双胍"))
    assert found.products
    assert all(one.product.hidden for one in found.products)
    wanted = found.products[0].product.product_id
    product = await patient.session.catalog.GetProduct(pb.GetProductRequest(product_id=wanted, position=HERE))
    assert len(product.offers) >= 3
    assert product.product.content.dosage == ""


async def test_what_is_asked_of_an_offer_needs_a_place(people: People) -> None:
    patient = await people.patient()
    for asked in (
        pb.SearchProductsRequest(in_stock_only=True),
        pb.SearchProductsRequest(maximum_price=yuan(5)),
        pb.SearchProductsRequest(pharmacy_id=str(uuid4())),
        pb.SearchProductsRequest(order=pb.PRODUCT_ORDER_PRICE),
    ):
        with pytest.raises(ApricotError) as refused:
            await patient.session.catalog.SearchProducts(asked)
        assert refused.value.reason == Reason.REASON_INVALID_FIELD
