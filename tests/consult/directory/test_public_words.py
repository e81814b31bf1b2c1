"""Words that patients read of a doctor: which are refused, and which are ordinary."""

from typing import Any

import pytest

from services.consult.domain.fee_bounds import DEFAULT_FEE_BOUNDS, FeeOutOfBoundsError, require_fee
from services.consult.domain.public_words import ClaimNotAllowedError, ContactDetailsError, check_public_words
from tests.consult.calls.test_media_servers import settings


@pytest.mark.parametrize(
    "text",
    [
        "电话13812345678",
        "预约 138 1234 5678",
        "138-2010-2015",
        "１３８１２３４５６７８",
        "一三八一二三四五六七八",
        "+86 138 1234 5678",
        "0571-8765 4321",
        "加微信详谈",
        "微 信 dr_li",
        "加V聊",
        "vx: drli",
        "WeChat drli",
        "QQ 群",
        "q q 123",
        "扣扣咨询",
        "见 https://example.org/li",
        "www.li-clinic.example",
        "li-clinic . com",
        "ｌｉ．ｃｏｍ",
        "dr.li@example.org",
    ],
)
def test_contact_details_are_refused(text: str) -> None:
    with pytest.raises(ContactDetailsError) as refused:
        check_public_words([("practice.biography", text)])
    assert refused.value.metadata == {"field": "practice.biography"}


@pytest.mark.parametrize(
    "text",
    [
        "包治百病",
        "包 治 糖尿病",
        "治愈率98%",
        "有效率达九成",
        "保证治愈",
        "承诺三月治好",
        "根治糖尿病",
        "祖传秘方",
        "药到病除",
        "100% effective",
        "Guaranteed to cure diabetes",
        "疗法安全无副作用",
    ],
)
def test_claims_of_cure_are_refused(text: str) -> None:
    with pytest.raises(ClaimNotAllowedError):
        check_public_words([("practice.biography", text)])


@pytest.mark.parametrize(
    "text",
    [
        "2010年毕业于浙江大学医学院，2010-2015年任职于杭州市第一人民医院。",
        "1995.9-2000.12 浙江大学；2003 2010 2015 三次获奖",
        "二〇一〇年起从事糖尿病诊治二十余年，参加我院微创手术3000余例。",
        "擅长胃癌根治术、根治性前列腺切除，工作细致入微，信守承诺。",
        "提供电话随访与规范治疗，更有效率地管理血糖（HbA1c 7.0%）。",
        "Studied in Édimbourg. Net effects of CGM, Ph.D. in 2008. Published 42 papers.",
        "内分泌科主任医师，从事糖尿病诊治二十余年，注重动态血糖监测与生活方式管理。",
    ],
)
def test_ordinary_biographies_pass(text: str) -> None:
    check_public_words([("practice.biography", text)])


def test_fees_are_bounded_by_title() -> None:
    require_fee(DEFAULT_FEE_BOUNDS, "主任医师", "fee", 1000_00)
    for title, fee in (("主任医师", 1000_01), ("主治医师", 1000_00), ("神医", 201_00)):
        with pytest.raises(FeeOutOfBoundsError):
            require_fee(DEFAULT_FEE_BOUNDS, title, "fee", fee)


@pytest.mark.parametrize("given", [{"主任医师": [0, 1]}, {"": [2, 1]}, {"": [-1, 1]}])
def test_bounds_that_are_no_ranges_are_refused(given: Any) -> None:
    assert settings(fee_bounds={"": [0, 1]}).fee_bounds[""].max_minor == 1
    with pytest.raises(ValueError, match="bounds of fees"):
        settings(fee_bounds=given)
