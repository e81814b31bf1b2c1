"""The list: its order, what it is narrowed to, and that whoever is chosen stays chosen."""

from apricot.glucose.v1.alert_pb2 import ALERT_RULE_HIGH, ALERT_RULE_URGENT_LOW
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from clients.clinician.models.ward.needs import Grouping
from clients.clinician.models.ward.order import By
from clients.clinician.models.ward.row import Filter
from tests.clinician.ward.conftest import Handfed
from tests.clinician.ward.told import ME, alert, alerted, deleted, logged, patient, reading, snapshot
from tests.kit.running import until

ANNA, BERT, CARL, DORA = (patient(number, name) for number, name in enumerate(["Anna", "Bert", "Carl", "Dora"], 1))
EVERYBODY = ANNA, BERT, CARL, DORA


def _begin(ward: Handfed) -> None:
    """Anna and Bert in range, Carl high, Dora without a reading."""
    ward.admit(*EVERYBODY)
    values = {ANNA.patient_id: 100, BERT.patient_id: 110, CARL.patient_id: 200}
    for one in EVERYBODY:
        entries = [reading(1, 5, values[one.patient_id])] if one.patient_id in values else []
        ward.tell(snapshot(one, *entries))


async def test_a_reading_moves_its_patient_and_the_chosen_one_stays_chosen(handfed: Handfed) -> None:
    QAbstractItemModelTester(handfed.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    _begin(handfed)
    await until(lambda: handfed.names == ["Carl", "Anna", "Bert", "Dora"])
    held = QPersistentModelIndex(handfed.model.index(2))
    handfed.tell(logged(BERT, reading(2, 0, 60)))
    await until(lambda: handfed.names == ["Bert", "Carl", "Anna", "Dora"])
    assert held.row() == 0
    assert held.data() == "Bert"
    handfed.tell(deleted(BERT, reading(2, 0, 60)))
    await until(lambda: handfed.names == ["Carl", "Anna", "Bert", "Dora"])
    assert held.row() == 2


async def test_only_what_changed_is_told(handfed: Handfed) -> None:
    _begin(handfed)
    await until(lambda: handfed.names == ["Carl", "Anna", "Bert", "Dora"])
    told: list[tuple[int, int]] = []
    handfed.model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    moved: list[object] = []
    handfed.model.layoutChanged.connect(lambda *_: moved.append(1))
    handfed.tell(logged(ANNA, reading(3, 4, 104)), logged(ANNA, reading(4, 0, 108)))
    await until(lambda: bool(told))
    assert told == [(1, 1)]
    assert moved == []


async def test_what_is_not_urgent_waits_and_what_is_does_not(calm: Handfed) -> None:
    _begin(calm)
    await until(lambda: calm.model.count(Filter.HIGH) == 1)
    before = calm.names
    assert before == ["Anna", "Bert", "Carl", "Dora"]  # as they were admitted: all the rest waits
    calm.model.hold()
    told: list[object] = []
    calm.model.dataChanged.connect(lambda *_: told.append(1))
    calm.tell(logged(ANNA, reading(2, 0, 190)))
    await until(lambda: bool(told))
    assert calm.names == before
    calm.tell(alerted(BERT, alert(1, ALERT_RULE_URGENT_LOW, urgent=True, of=BERT)))
    await until(lambda: calm.names == ["Bert", "Anna", "Carl", "Dora"])


async def test_filters_let_through_what_they_say_and_follow_what_happens(handfed: Handfed) -> None:
    QAbstractItemModelTester(handfed.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    _begin(handfed)
    await until(lambda: handfed.model.count(Filter.HIGH) == 1)
    handfed.model.narrow(Filter.HIGH)
    assert handfed.names == ["Carl"]
    handfed.tell(logged(ANNA, reading(2, 0, 260)))
    await until(lambda: handfed.names == ["Anna", "Carl"])
    handfed.tell(logged(CARL, reading(2, 0, 100)))
    await until(lambda: handfed.names == ["Anna"])
    handfed.model.narrow(Filter.NONE)
    assert handfed.names == ["Dora"]
    handfed.model.narrow(Filter.ATTENTION)
    assert handfed.names == ["Anna"]
    handfed.tell(alerted(CARL, alert(1, ALERT_RULE_HIGH, of=CARL)))
    await until(lambda: handfed.names == ["Anna", "Carl"])
    handfed.tell(alerted(CARL, alert(1, ALERT_RULE_HIGH, held_by=ME, of=CARL, revision=2)))
    await until(lambda: handfed.names == ["Anna"])


async def test_a_name_is_found_whatever_its_case(handfed: Handfed) -> None:
    _begin(handfed)
    handfed.model.narrow(search=" AR ")
    assert handfed.names == ["Carl"]
    handfed.model.narrow(search="nobody")
    assert handfed.names == []
    handfed.model.narrow(search="")
    assert sorted(handfed.names) == ["Anna", "Bert", "Carl", "Dora"]


async def test_groups_have_heads_that_nobody_can_choose(handfed: Handfed) -> None:
    _begin(handfed)
    await until(lambda: handfed.model.count(Filter.HIGH) == 1)
    handfed.model.narrow(grouping=Grouping.LEVEL)
    assert handfed.names == ["HIGH", "Carl", "IN_RANGE", "Anna", "Bert", "NONE", "Dora"]
    assert not handfed.model.flags(handfed.model.index(0)) & Qt.ItemFlag.ItemIsSelectable
    assert handfed.model.beside(-1, 1) == 1
    assert handfed.model.beside(3, -1) == 1
    assert handfed.model.beside(6, 1) is None
    handfed.tell(alerted(BERT, alert(2, ALERT_RULE_URGENT_LOW, urgent=True, of=BERT)))
    await until(lambda: handfed.names == ["URGENT", "Bert", "HIGH", "Carl", "IN_RANGE", "Anna", "NONE", "Dora"])
    handfed.tell(snapshot(BERT, reading(1, 5, 110)))
    handfed.tell(alerted(ANNA, alert(1, ALERT_RULE_HIGH, held_by=ME, of=ANNA)))
    handfed.model.narrow(grouping=Grouping.OWNER)
    await until(lambda: handfed.names == ["ME", "Anna", "NO_ALERT", "Carl", "Bert", "Dora"])


async def test_who_leaves_is_gone(handfed: Handfed) -> None:
    _begin(handfed)
    handfed.admit(ANNA, DORA)
    assert sorted(handfed.names) == ["Anna", "Dora"]
    handfed.tell(logged(BERT, reading(5, 0, 50)), logged(ANNA, reading(6, 0, 50)))
    await until(lambda: handfed.names == ["Anna", "Dora"] and handfed.model.count(Filter.LOW) == 1)


async def test_rows_are_ordered_by_the_column_that_was_chosen(handfed: Handfed) -> None:
    _begin(handfed)
    await until(lambda: handfed.names == ["Carl", "Anna", "Bert", "Dora"])
    model = handfed.model
    model.order_by(By.VALUE)
    assert handfed.names == ["Anna", "Bert", "Carl", "Dora"]
    model.order_by(By.VALUE)
    assert handfed.names == ["Carl", "Bert", "Anna", "Dora"], "down; nobody without a reading stands before others"
    model.order_by(By.VALUE)
    assert handfed.names == ["Carl", "Anna", "Bert", "Dora"], "by need again"
    model.order_by(By.NAME)
    model.order_by(By.NAME)
    assert handfed.names == ["Dora", "Carl", "Bert", "Anna"]
    handfed.tell(logged(ANNA, reading(9, 0, 40)))
    await until(lambda: model.count(Filter.LOW) == 1)
    assert handfed.names == ["Dora", "Carl", "Bert", "Anna"], "the alarm bar tells of her"
