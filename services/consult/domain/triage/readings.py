"""Measured values that a text tells: a temperature, a blood sugar, a blood pressure, an oxygen saturation, a
pulse, a number of pills."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.consult.domain.triage.model import Quantity

_MG_DL_PER_MMOL_L = 18.0156
"""Glucose's molar mass, 180.156 g/mol, by a tenth."""
_HIGHEST_MMOL_L = 33.3
"""A number above it without a unit is in mg/dL: meters that show mmol/L end there."""

_UP_TO = r"[^\d\n。;.]{0,14}?"
_NO_TIME = r"(?![\d.]|[^\S\n]*(?:分|天|小时|个|岁|次|周|点|mins?|hours?|hrs?|days?|weeks?|months?|years?|times|%|/))"
_CELSIUS = re.compile(r"(?<![\d.])(3[4-9]|4[0-3])(?:(?:[.点])(\d))?\d?\s*(?:度|°c?|degrees? c|c\b)(?!以)([1-9])?")
_FAHRENHEIT = re.compile(r"(?<![\d.])(9[3-9]|10\d|11[0-2])(\.\d+)?\s*(?:°?f\b|°|degrees|华氏)")
_NAMED = re.compile(
    rf"(?:体温|发烧|高烧|低烧|发热|烧到|temp(?:erature)?|fever|thermometer){_UP_TO}(\d{{2,3}}(?:\.\d+)?){_NO_TIME}"
)
_VALUE_FIRST = re.compile(r"(?<![\d.])(\d{2,3}(?:\.\d+)?)\s*(?:of\s*)?(?:temp\b|temperature|fever)")
_SPELT = re.compile(r"(三十[四五六七八九]|四十[一二]?)度([一二三四五六七八九半])?")
_GLUCOSE = re.compile(rf"(?:血糖|sugars?|glucose|\bbg){_UP_TO}(\d{{1,3}}(?:\.\d+)?){_NO_TIME}\s*(mg|mmol)?")
_GLUCOSE_OFF_SCALE = re.compile(
    rf"(?:血糖|sugars?|glucose|\bbg|\bmeter){_UP_TO}\b(hi|lo)\b(?! )|血糖仪?{_UP_TO}(hi|lo)(?![a-z])"
)
_OFF_SCALE_MMOL_L = {"hi": 33.4, "lo": 1.0}
_PRESSURE = re.compile(rf"(?:血压|\bbp|blood pressure){_UP_TO}(\d{{2,3}})\s*(?:/|over|-)\s*(\d{{2,3}})")
_SYSTOLIC = re.compile(r"(?:血压|\bbp|blood pressure)[^\d\n。;.]{0,8}?(\d{3})(?![\d.]|\s*(?:/|over|-))")
_OXYGEN = re.compile(rf"(?:血氧|氧饱和度|spo2|\bsats?\b|oxygen){_UP_TO}(\d{{2,3}})(?![\d.])")
_PULSE = re.compile(
    r"(?:心率|心跳|脉搏|heart ?rate|pulse|heart|\bhr\b)[^\d\n。;.,]{0,14}?(\d{2,3})(?![\d.])"
    r"(?!\s*(?:years?|days?|岁|年|天))"
    r"|(?<![\d.])(\d{2,3})\s*(?:bpm|beats|次/分|次每分)"
)
_PILLS = re.compile(
    r"(?:吃|吞|喝|服|took|taken|swallowed|ate)[^\d\n。;.,]{0,12}?"
    r"(?:(\d{2,3})\s*(?:多|几)?\s*(?:片|粒|颗|pills|tablets|capsules|paracetamol|tylenol|ibuprofen|aspirin)"
    r"|(?:[一二三四五六七八九几上]?[十百][几多]?)(?:片|粒|颗))"
)
_DIGITS = {**{digit: place for place, digit in enumerate("零一二三四五六七八九")}, "半": 5}


@dataclass(frozen=True, slots=True)
class Reading:
    """A value with its place in the folded text."""

    quantity: Quantity
    value: float
    start: int
    end: int


def readings(text: str) -> Iterator[Reading]:
    """Those of a folded text."""
    for match in _CELSIUS.finditer(text):
        yield _reading(Quantity.TEMPERATURE_C, float(f"{match[1]}.{match[2] or match[3] or 0}"), match)
    for match in _FAHRENHEIT.finditer(text):
        yield _reading(Quantity.TEMPERATURE_C, _celsius(float(match[1] + (match[2] or ""))), match)
    for match in (*_NAMED.finditer(text), *_VALUE_FIRST.finditer(text)):
        value = float(match[1])
        if 34 <= value < 44 or 93 <= value < 113:
            yield _reading(Quantity.TEMPERATURE_C, value if value < 44 else _celsius(value), match)
    for match in _SPELT.finditer(text):
        ten, *one = match[1].split("十")
        whole = 10 * _DIGITS[ten] + (_DIGITS[one[0]] if one[0] else 0)
        yield _reading(Quantity.TEMPERATURE_C, whole + _DIGITS[match[2] or "零"] / 10, match)
    for match in _GLUCOSE.finditer(text):
        value = float(match[1])
        in_mg = match[2] == "mg" or (match[2] is None and value > _HIGHEST_MMOL_L)
        yield _reading(Quantity.GLUCOSE_MMOL_L, value / _MG_DL_PER_MMOL_L if in_mg else value, match)
    for match in _GLUCOSE_OFF_SCALE.finditer(text):
        yield _reading(Quantity.GLUCOSE_MMOL_L, _OFF_SCALE_MMOL_L[match[1] or match[2]], match)
    for match in _PRESSURE.finditer(text):
        yield _reading(Quantity.SYSTOLIC_MMHG, float(match[1]), match)
        yield _reading(Quantity.DIASTOLIC_MMHG, float(match[2]), match)
    for match in _SYSTOLIC.finditer(text):
        yield _reading(Quantity.SYSTOLIC_MMHG, float(match[1]), match)
    for match in _OXYGEN.finditer(text):
        if 50 <= float(match[1]) <= 100:
            yield _reading(Quantity.OXYGEN_PERCENT, float(match[1]), match)
    for match in _PULSE.finditer(text):
        if 20 <= float(match[1] or match[2]) <= 300:
            yield _reading(Quantity.PULSE_PER_MINUTE, float(match[1] or match[2]), match)
    for match in _PILLS.finditer(text):
        yield _reading(Quantity.PILLS, float(match[1] or 10), match)


def _reading(quantity: Quantity, value: float, match: re.Match[str]) -> Reading:
    return Reading(quantity, value, match.start(), match.end())


def _celsius(fahrenheit: float) -> float:
    return (fahrenheit - 32) / 1.8
