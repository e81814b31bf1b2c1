"""Products on their way in: each is answered by itself, and a file's every bad line is told."""

import csv
import io
from uuid import uuid4

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1 import catalog_pb2 as pb
from apricot.pharmacy.v1.product_pb2 import PRODUCT_CLASS_PRESCRIPTION, ProductContent

from formulary.data import read_csv
from formulary.medicines import names
from services.pharmacy.demo import CATALOGUE, read_catalogue
from services.pharmacy.rpc import product_file
from services.pharmacy.rpc.errors import ERRORS
from services.pharmacy.rpc.product_intake import Refusal, refusal_of
from tests.in_process import refused_by
from tests.pharmacy.catalog.arranged import Shop, medicine

GOOD = {
    "approval_number": "国药准字H20000001",
    "atc_code": "N02BE01",
    "name_zh": "对乙酰氨基酚片",
    "name_en": "paracetamol",
    "manufacturer": "示范药业",
    "strength": "500 mg",
    "form": "tablet",
    "pack": "20 {tablet}",
    "product_class": "otc_green",
    "storage": "room",
    "ailments": "感冒; headache;",
    "recommended_price_fen": "1280",
}
INVALID, BANNED = Reason.REASON_INVALID_FIELD, Reason.REASON_MEDICINE_NOT_ALLOWED
BAD = {
    "a code that is none": ({"atc_code": "N02BE1"}, INVALID, "atc_code"),
    "no name": ({"name_zh": " "}, INVALID, "name_zh"),
    "a short approval number": ({"approval_number": "H1"}, INVALID, "approval_number"),
    "a number of no form": ({"strength": "5oo mg"}, INVALID, "strength.value"),
    "an unknown unit": ({"pack": "20 pieces"}, INVALID, "pack.unit"),
    "no unit": ({"pack": "20"}, INVALID, "pack.unit"),
    "an unknown form": ({"form": "pill"}, INVALID, "form"),
    "no form": ({"form": ""}, INVALID, "form"),
    "never a form": ({"form": "unspecified"}, INVALID, "form"),
    "an unknown class": ({"product_class": "otc"}, INVALID, "product_class"),
    "an unknown storage": ({"storage": "freezer"}, INVALID, "storage"),
    "a price with a point": ({"recommended_price_fen": "12.8"}, INVALID, "recommended_price_fen"),
    "a negative price": ({"recommended_price_fen": "-1"}, INVALID, "recommended_price_fen"),
    "a price in other digits": ({"recommended_price_fen": "１２"}, INVALID, "recommended_price_fen"),
    "too high a price": ({"recommended_price_fen": "999999999"}, INVALID, "recommended_price.minor_units"),
    "an ailment twice": ({"ailments": "cold;cold"}, INVALID, "ailments"),
    "ailments on prescription": ({"product_class": "prescription"}, INVALID, "ailments"),
    "a character that no column holds": ({"name_zh": "药\0"}, INVALID, "name_zh"),
    "banned by its code": ({"atc_code": "B01AA03"}, BANNED, ""),
    "banned by its name": ({"name_zh": "华法林钠片"}, BANNED, ""),
    "an injection": ({"form": "injection", "pack": "1 {vial}"}, BANNED, ""),
    "a compound with pseudoephedrine": ({"atc_code": "R01BA52"}, BANNED, ""),
}


def file(*lines: dict[str, str] | list[str]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(GOOD)
    for line in lines:
        writer.writerow(line.values() if isinstance(line, dict) else line)
    return text.getvalue().encode()


def line(number: int, **changed: str) -> dict[str, str]:
    """A good line, of another product for each number."""
    return GOOD | {"approval_number": f"国药准字H{uuid4().hex[:6]}{number:04d}"} | changed


async def test_every_kind_of_bad_line_is_told_and_the_good_ones_are_imported(shop: Shop) -> None:
    bad = [line(number, **changed) for number, (changed, _, _) in enumerate(BAD.values())]
    answer = await shop.ask(pb.ImportProductsRequest(csv=file(line(100), *bad, line(101))))
    told = [(one.line, one.reason, one.field) for one in answer.refused]
    assert told == [(number, reason, field) for number, (_, reason, field) in enumerate(BAD.values(), start=3)]
    assert (answer.created_count, answer.updated_count) == (2, 0)


async def test_lines_are_counted_where_they_begin(shop: Shop) -> None:
    over_two_lines = line(1, ailments="感冒;\n发热")
    short = list(line(3).values())[:-1]
    twice = line(4)
    answer = await shop.ask(pb.ImportProductsRequest(csv=file(over_two_lines, short, [], twice, twice, line(5))))
    # Lines 2 and 3 are one product, 5 is empty.
    assert [(one.line, one.reason) for one in answer.refused] == [(4, INVALID), (7, Reason.REASON_ALREADY_EXISTS)]
    assert answer.created_count == 3


async def test_a_line_that_is_not_csv_is_told_and_the_next_is_read(shop: Shop) -> None:
    broken = file(line(1)) + b'"a"b,c\r\n' + file(line(2)).split(b"\r\n", 1)[1] + b'"never closed'
    answer = await shop.ask(pb.ImportProductsRequest(csv=broken))
    assert [(one.line, one.reason) for one in answer.refused] == [(3, INVALID), (5, INVALID)]
    assert answer.created_count == 2


async def test_a_product_twice_is_told_however_it_is_written_and_the_first_good_line_counts(shop: Shop) -> None:
    one, other = line(1), line(2)
    lines = [one, one | {"pack": "20.0 {tablet}"}, other | {"atc_code": "none"}, other, other | {"name_zh": "新"}]
    answer = await shop.ask(pb.ImportProductsRequest(csv=file(*lines)))
    again = Reason.REASON_ALREADY_EXISTS
    assert [(each.line, each.reason) for each in answer.refused] == [(3, again), (4, INVALID), (6, again)]
    assert [each.message for each in answer.refused if each.reason == again] == [
        "the product of line 2",
        "the product of line 5",
    ]
    assert (answer.created_count, answer.updated_count) == (2, 0)


async def test_a_file_of_nothing_but_bad_lines_is_told_in_one_answer(shop: Shop) -> None:
    first, bad = file(), b"x" * 100 + b"\n"
    answer = await shop.ask(pb.ImportProductsRequest(csv=first + bad * product_file.MOST_PRODUCTS))
    assert len(answer.refused) == product_file.MOST_PRODUCTS
    assert answer.ByteSize() < 4 << 20
    with refused_by(ERRORS, INVALID):
        await shop.ask(pb.ImportProductsRequest(csv=first + bad * (product_file.MOST_PRODUCTS + 1)))


async def test_the_same_file_again_replaces(shop: Shop) -> None:
    both = file(line(1), line(2))
    await shop.ask(pb.ImportProductsRequest(csv=both))
    answer = await shop.ask(pb.ImportProductsRequest(csv=b"\xef\xbb\xbf" + both))  # as spreadsheets write it
    assert (answer.created_count, answer.updated_count, len(answer.refused)) == (0, 2, 0)


@pytest.mark.parametrize(
    "bad",
    [
        "name".encode("utf-16"),
        file(line(1)).decode().encode("gb18030"),  # as spreadsheets in China write it
        b"",
        b"\n",
        b"approval_number,atc_code\nx,y\n",
        file().replace(b"name_en", b"name_fr"),
        file().replace(b"ailments", b"name_zh"),
        b'"a"b',
    ],
)
async def test_a_file_that_is_none(shop: Shop, bad: bytes) -> None:
    with refused_by(ERRORS, INVALID):
        await shop.ask(pb.ImportProductsRequest(csv=bad))


async def test_one_bad_product_does_not_keep_others_out(shop: Shop) -> None:
    good, bad = medicine(), medicine(atc_code="none")
    answer = await shop.ask(pb.UpsertProductsRequest(products=[good, bad, medicine(name_zh="胺碘酮片"), good]))
    assert [result.outcome for result in answer.results] == [
        pb.PRODUCT_OUTCOME_CREATED,
        pb.PRODUCT_OUTCOME_REFUSED,
        pb.PRODUCT_OUTCOME_REFUSED,
        pb.PRODUCT_OUTCOME_CREATED,
    ]
    assert [result.reason for result in answer.results] == [0, INVALID, BANNED, 0]
    assert answer.results[1].field == "atc_code"
    assert answer.results[0].product_id == answer.results[3].product_id != ""


async def test_another_pack_is_another_product_and_the_same_written_otherwise_is_not(shop: Shop) -> None:
    told, larger, same = medicine(), medicine(), medicine()
    larger.CopyFrom(told)
    larger.pack.value = "50"
    same.CopyFrom(told)
    same.pack.value = "20.0"
    ids = await shop.products(told, larger, same)
    assert ids[0] == ids[2] != ids[1]


@pytest.mark.parametrize("row", read_csv("online_ban.csv"), ids=lambda row: row["entry"])
def test_nothing_on_the_ban_list_comes_in(row: dict[str, str]) -> None:
    prescription = {"product_class": PRODUCT_CLASS_PRESCRIPTION}
    codes = [code for code in row["atc"].split() if len(code) == 7]
    banned = [medicine(atc_code=code, **prescription) for code in codes]
    for word in row["words"].split():
        banned.append(medicine(**({"name_en": word} if word.isascii() else {"name_zh": f"{word}片"}), **prescription))
    assert banned or not row["words"]
    for content in banned:
        refusal = refusal_of(content)
        assert refusal is not None, content
        assert refusal.reason == BANNED


def test_the_whole_demo_catalogue_may_be_sold_and_names_what_the_formulary_names() -> None:
    lines = product_file.read(CATALOGUE.read_bytes())
    assert len(lines) == len(read_catalogue()) > 100
    for one in lines:
        assert not isinstance(one.content, Refusal), one
        assert refusal_of(one.content) is None, one
    known = names()
    for content in read_catalogue():
        if (name := known.get(content.atc_code)) is not None:
            assert name.en in content.name_en, content
            assert name.zh in content.name_zh, content
    assert len({content.approval_number for content in read_catalogue()}) == len(lines)


def test_contents_are_as_the_file_says() -> None:
    (only,) = product_file.read(file(line(1)))
    assert isinstance(only.content, ProductContent)
    assert list(only.content.ailments) == ["感冒", "headache"]
    assert (only.content.pack.value, only.content.pack.unit) == ("20", "{tablet}")
    assert only.content.recommended_price.minor_units == 1280


def test_prescription_product_without_safety_data_is_refused() -> None:
    """What is sold freely is not: nobody prescribes it, and the check says that it does not know it."""
    stranger = {"atc_code": "D11AH05", "name_en": "stranger", "name_zh": "陌生"}
    refusal = refusal_of(medicine(product_class=PRODUCT_CLASS_PRESCRIPTION, **stranger))
    assert refusal is not None
    assert (refusal.reason, refusal.field) == (BANNED, "atc_code")
    assert "pregnancy" in refusal.message
    assert refusal_of(medicine(**stranger)) is None
    assert refusal_of(medicine(product_class=PRODUCT_CLASS_PRESCRIPTION)) is None
