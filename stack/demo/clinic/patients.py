"""Who they are, and how their last hour looks: cut out of the demo's recorded diaries."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from zoneinfo import ZoneInfo

from apricot.identity.v1.account_pb2 import SEX_FEMALE, SEX_MALE, Sex

from clients.readings.levels import Level
from glycemia.units import MG_PER_DL_PER_MMOL_PER_L
from stack.demo.dataset import Bound, DemoEntry, DemoPatient, Kind, TimedEntry, apart

_WOMEN = frozenset(
    "林晓雯 赵美玲 孙丽萍 周雨桐 徐静怡 朱丽娜 郭欣怡 罗秀英 梁嘉欣 韩冰 冯晓燕 萧雅文".split()  # noqa: SIM905
)
_LEAST_HISTORY = timedelta(days=3)
_STEP = timedelta(minutes=16)


class Trend(Enum):
    """Where the last quarter of an hour goes."""

    FALLING = auto()
    LEVEL = auto()
    RISING = auto()


@dataclass(frozen=True)
class Guest:
    """A patient of the clinic."""

    name: str
    birth_year: int
    wearer: int
    """Whose recorded readings these are: a place in `dataset.PEOPLE`."""
    level: Level
    trend: Trend
    minutes_old: int = 1
    """How old the newest reading is."""

    @property
    def sex(self) -> Sex.ValueType:
        """Recorded at birth."""
        return SEX_FEMALE if self.name.split()[0] in _WOMEN else SEX_MALE


GUESTS = (
    Guest("林晓雯 Lin Xiaowen", 1999, 4, Level.IN_RANGE, Trend.LEVEL),
    Guest("李浩然 Li Haoran", 2010, 5, Level.VERY_LOW, Trend.FALLING),
    Guest("陈国强 Chen Guoqiang", 1961, 0, Level.HIGH, Trend.RISING, 2),
    Guest("王建华 Wang Jianhua", 1968, 1, Level.VERY_HIGH, Trend.LEVEL, 3),
    Guest("赵美玲 Zhao Meiling", 1975, 2, Level.LOW, Trend.FALLING, 4),
    Guest("孙丽萍 Sun Liping", 1957, 3, Level.IN_RANGE, Trend.FALLING, 52),
    Guest("周雨桐 Zhou Yutong", 2004, 5, Level.HIGH, Trend.FALLING),
    Guest("吴振宇 Wu Zhenyu", 1983, 4, Level.IN_RANGE, Trend.RISING, 2),
    Guest("徐静怡 Xu Jingyi", 1992, 2, Level.IN_RANGE, Trend.LEVEL, 4),
    Guest("马建国 Ma Jianguo", 1955, 0, Level.IN_RANGE, Trend.FALLING, 3),
    Guest("朱丽娜 Zhu Lina", 1988, 5, Level.VERY_HIGH, Trend.RISING, 1),
    Guest("胡志强 Hu Zhiqiang", 1979, 1, Level.HIGH, Trend.LEVEL, 2),
    Guest("郭欣怡 Guo Xinyi", 2007, 5, Level.IN_RANGE, Trend.RISING, 1),
    Guest("何文博 He Wenbo", 1965, 3, Level.IN_RANGE, Trend.LEVEL, 3),
    Guest("高天佑 Gao Tianyou", 2013, 4, Level.IN_RANGE, Trend.FALLING, 1),
    Guest("罗秀英 Luo Xiuying", 1949, 3, Level.LOW, Trend.LEVEL, 2),
    Guest("梁嘉欣 Liang Jiaxin", 1996, 2, Level.IN_RANGE, Trend.RISING, 2),
    Guest("宋子涵 Song Zihan", 2001, 4, Level.IN_RANGE, Trend.LEVEL, 4),
    Guest("唐德明 Tang Deming", 1960, 1, Level.HIGH, Trend.FALLING, 1),
    Guest("许思远 Xu Siyuan", 1990, 0, Level.IN_RANGE, Trend.LEVEL, 18),
    Guest("韩冰 Han Bing", 1985, 4, Level.IN_RANGE, Trend.RISING, 1),
    Guest("冯晓燕 Feng Xiaoyan", 1972, 2, Level.IN_RANGE, Trend.FALLING, 2),
    Guest("董浩 Dong Hao", 1994, 5, Level.IN_RANGE, Trend.LEVEL, 3),
    Guest("萧雅文 Xiao Yawen", 1981, 3, Level.IN_RANGE, Trend.LEVEL, 2),
)

_BANDS = {
    Level.VERY_LOW: (0, 54),
    Level.LOW: (56, 69),
    Level.IN_RANGE: (85, 165),
    Level.HIGH: (185, 240),
    Level.VERY_HIGH: (255, 500),
}
"""mg/dL, a little inside the bands' edges."""
_CHANGES = {Trend.FALLING: (-60, -8), Trend.LEVEL: (-7, 7), Trend.RISING: (8, 60)}
"""mg/dL in a quarter of an hour."""


def diary(guest: Guest, person: DemoPatient, now: datetime, turn: int) -> list[TimedEntry]:
    """The recorded diary up to a moment that looks as the guest's last minutes shall, near to the same time of day,
    moved to end now; the newest last. Guests who wear the same recording get other moments by their `turn`."""
    newest = now.replace(second=0, microsecond=0) - timedelta(minutes=guest.minutes_old)
    clock = newest.astimezone(ZoneInfo(person.zone)).replace(tzinfo=None)
    found = sorted(_moments(guest, person), key=lambda moment: apart(moment, clock))
    if not found:
        raise LookupError(f"{person.key} was never {guest.level.text} and {guest.trend.name.lower()}")
    cut = found[min(turn * 12, len(found) - 1)]
    return [TimedEntry(newest + (each.time_local - cut), each) for each in person.entries if each.time_local <= cut]


def _moments(guest: Guest, person: DemoPatient) -> Iterator[datetime]:
    readings = [entry for entry in person.entries if entry.kind is Kind.SENSOR and entry.bound is Bound.NONE]
    (lowest, highest), (least, most) = _BANDS[guest.level], _CHANGES[guest.trend]
    for place in range(3, len(readings)):
        newest, earlier = readings[place], readings[place - 3]
        if newest.time_local - readings[0].time_local < _LEAST_HISTORY:
            continue
        if newest.time_local - earlier.time_local > _STEP:
            continue
        change = _mg_per_dl(newest) - _mg_per_dl(earlier)
        if lowest <= _mg_per_dl(newest) < highest and least <= change <= most:
            yield newest.time_local


def _mg_per_dl(entry: DemoEntry) -> float:
    return float(entry.value) * (MG_PER_DL_PER_MMOL_PER_L if entry.unit == "mmol/L" else 1)
