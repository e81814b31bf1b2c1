"""Who does what in the busiest hour. Every assumption is one constant, with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass

DAY_SECONDS, YEAR_DAYS = 86_400, 365


@dataclass(frozen=True)
class Assumption:
    """A number that nobody can measure here."""

    value: float
    what: str
    why: str


DIARISTS = Assumption(
    0.25,
    "users who keep a diary of their glucose",
    "141 million adults in China have diabetes, one of eight (IDF Diabetes Atlas, 10th ed., 2021); twice that share, "
    "since the app is made for them",
)
SENSOR_WEARERS = Assumption(
    0.15,
    "of these, who wear a sensor at a time",
    "6.9 % of type 1 and 1.1 % of type 2 in China in 2020, 38 % and 13 % foretold for 2030 (market reports)",
)
SENSOR_READINGS = Assumption(288, "readings of a sensor a day, each sent at once", "one every five minutes")
SENSOR_PEAK = Assumption(1.2, "their busiest hour ÷ the mean hour", "phones that come back send what they kept")
HAND_ENTRIES = Assumption(
    2,
    "entries by hand of a diarist a day",
    "a third of a fingerstick (120 a year on average), doses and meals of the keen",
)
PEAK = Assumption(
    3, "the busiest hour ÷ the mean hour of what people do", "eight hours of sleep make 1.5; mornings are twice the day"
)
OPENINGS = Assumption(3, "times a diarist opens the app a day", "about meals; each lists a day and renews the token")
LOOKS = Assumption(2, "looks of others at a wearer's day, a day", "a follower's or a clinician's")
WATCHED_AT_ONCE = Assumption(
    0.15, "watches open on a wearer in the busiest hour", "0.03 the own screen, 0.02 a follower's, 0.1 a ward's board"
)
PATIENTS_A_BOARD = Assumption(200, "patients of a ward's board", "two thirds of the watched are on one")
BOARD_SHARE = Assumption(0.1, "boards that show a wearer in the busiest hour", "remote care of one in ten")
CONSULTATIONS = Assumption(2, "consultations of a user a year", "one of four, and a diarist quarterly")
MESSAGES = Assumption(20, "messages of a consultation", "two sides")
TALK_SECONDS = Assumption(1800, "seconds for which both ends of a consultation are open", "half an hour")
SEARCHES = Assumption(5, "searches among doctors for a consultation", "some end without one")
BOOKINGS = Assumption(1, "appointments of a user a year", "half of the consultations are booked")
ORDERS = Assumption(4, "orders of medicine of a user a year", "a diarist's monthly, seldom another's")
PRODUCT_SEARCHES = Assumption(5, "searches among products for an order", "most are refills")
SIGN_INS = Assumption(6, "sign-ins of a user a year", "new devices, sessions that ended")

ASSUMPTIONS = tuple(each for each in globals().values() if isinstance(each, Assumption))


@dataclass(frozen=True)
class Demand:
    """What users ask for."""

    users: float
    rates: Mapping[str, float]
    """Acts a second in the busiest hour, by unit of cost; `event` is one at one watcher."""
    watches: float
    """Open in the busiest hour."""
    talks: float
    """Ends of conversations open in the busiest hour."""
    entries_a_day: float
    """Diary entries kept."""

    @property
    def calls(self) -> float:
        """Calls and messages a second."""
        return sum(rate for kind, rate in self.rates.items() if kind != "event")


def demand(users: float) -> Demand:
    """Of so many users. Linear in them."""
    diarists = users * DIARISTS.value
    wearers = diarists * SENSOR_WEARERS.value
    from_sensors, by_hand = wearers * SENSOR_READINGS.value, diarists * HAND_ENTRIES.value
    consultations = users * CONSULTATIONS.value / YEAR_DAYS
    sensor_rate = from_sensors * SENSOR_PEAK.value / DAY_SECONDS
    a_day = {
        "day": diarists * OPENINGS.value,
        "refresh": diarists * OPENINGS.value,
        "other's day": wearers * LOOKS.value,
        "message": consultations * MESSAGES.value,
        "search": consultations * SEARCHES.value,
        "booking": users * BOOKINGS.value / YEAR_DAYS,
        "order": users * ORDERS.value / YEAR_DAYS,
        "product search": users * ORDERS.value * PRODUCT_SEARCHES.value / YEAR_DAYS,
        "sign-in": users * SIGN_INS.value / YEAR_DAYS,
    }
    rates = {kind: times * PEAK.value / DAY_SECONDS for kind, times in a_day.items()}
    rates["reading"] = sensor_rate + by_hand * PEAK.value / DAY_SECONDS
    rates["event"] = sensor_rate * WATCHED_AT_ONCE.value
    apart = WATCHED_AT_ONCE.value - BOARD_SHARE.value
    return Demand(
        users,
        rates,
        watches=wearers * (apart + BOARD_SHARE.value / PATIENTS_A_BOARD.value),
        talks=2 * consultations * PEAK.value * TALK_SECONDS.value / DAY_SECONDS,
        entries_a_day=from_sensors + by_hand,
    )
