"""What a doctor may not write in words that patients read: contact details, and claims of cure.

The claims come from the law: 医疗广告管理办法 (2007) article 7, which forbids to promise a cure, openly or not, and to
advertise rates of cure and efficacy; 广告法 (2021) article 16, which forbids to assert or guarantee efficacy and
safety. The lists catch the common wordings; the platform's staff still read what doctors write.
"""

import re
import unicodedata
from collections.abc import Iterable

_GAP = "[\\s\u200b-\u200f\u2060\ufeff\\-_.*·•+~|/()]*"
"""What people put between letters and digits so that they are not found."""


class ContactDetailsError(Exception):
    """The text has a phone number, an address of the network, or an account to write to."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field}: contact details may not be written here")
        self.metadata = {"field": field}


class ClaimNotAllowedError(Exception):
    """The text promises a cure, efficacy or safety."""

    def __init__(self, field: str, claim: str) -> None:
        super().__init__(f"{field}: the law forbids this claim")
        self.metadata = {"field": field, "claim": claim}


def _spaced(*words: str) -> str:
    return "|".join(_GAP.join(map(re.escape, word)) for word in words)


_DIGITS = str.maketrans("〇零幺一二三四五六七八九", "001123456789")
_MONTH = re.compile(r"(?<!\d)(?:19|20)\d\d\s*[.\-/]\s*(?:0?[1-9]|1[0-2])(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_MOBILE = re.compile(rf"(?<!\d)1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!\d)")
_NUMBER = re.compile(rf"\d(?:{_GAP}\d){{6}}")
"""Seven digits: a line of a town, or a number of QQ's. Years and months are taken out before."""
_ACCOUNT = re.compile(
    _spaced("微信", "薇信", "扣扣", "公众号", "二维码", "抖音", "小红书")
    + rf"|(?<![a-z])(?:{_spaced('wechat', 'weixin', 'whatsapp', 'telegram', 'qq', 'vx', 'wx', 'v信')})(?![a-z])"
    + r"|(?<![参增])加\s*[vq](?![a-z])"
)
_ADDRESS = re.compile(
    r"@|https?\s*:|(?<![a-z])www\s*[.。]|\w\s*[.。]\s*(?:com|cn)(?![a-z])|\w\.(?:net|org|cc|top|xyz|info|io)(?![a-z])"
)
_CLAIM = re.compile(
    _spaced(
        "治愈率", "包痊愈", "包治愈", "药到病除", "手到病除", "祖传秘方", "无效退款", "永不复发", "绝不复发", "不再复发"
    )
    + "|"
    + _spaced("包治百病", "百病", "断根", "彻底治愈", "完全治愈", "零风险", "无副作用", "无毒副作用")
    + rf"|包{_GAP}治(?!疗)"
    + rf"|有{_GAP}效{_GAP}率(?![地的])"
    + rf"|根{_GAP}治(?!性|术|手术|切除)"  # which surgeons call an operation that removes the whole tumour
    + r"|(?:保证|承诺|确保|担保)[^,.;!?、。\n]{0,6}(?:治愈|治好|痊愈|有效|见效|疗效|康复)"
    + r"|(?:100\s*%|百分之百|百分百)\s*(?:治愈|治好|有效|见效|安全|康复|(?:cure|effective|safe))"
    + r"|guarantee[ds]?\b[^.\n]{0,20}\bcure|\bcure\s+rate|\bcures?\s+(?:all|every|any)\b|\bmiracle\s+cure"
)


def check_public_words(texts: Iterable[tuple[str, str]]) -> None:
    """Check pairs of a field's path and its text. Errors: `ContactDetailsError`, `ClaimNotAllowedError`."""
    for field, text in texts:
        plain = unicodedata.normalize("NFKC", text).casefold()
        if _has_contact(plain):
            raise ContactDetailsError(field)
        if found := _CLAIM.search(plain):
            raise ClaimNotAllowedError(field, found.group())


def _has_contact(plain: str) -> bool:
    if _ACCOUNT.search(plain) or _ADDRESS.search(plain):
        return True
    digits = _MONTH.sub("年", plain.translate(_DIGITS))
    return bool(_MOBILE.search(digits) or _NUMBER.search(_YEAR.sub("年", digits)))
