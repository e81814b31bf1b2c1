"""Draws every state machine from the table that the code runs: `python -m docs.draw_states` writes `docs/states.md`."""

from collections.abc import Iterator, Mapping
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parent / "states.md"


class Machine(NamedTuple):
    """One drawing."""

    title: str
    module: str
    """Where its table is."""
    table: str = "TRANSITIONS"


MACHINES = [
    Machine("A professional's licence", "services.identity.domain.licences"),
    Machine("A plan's revision", "services.glucose.domain.plans"),
    Machine("A consultation", "services.consult.domain.consultations"),
    Machine("The fee of a consultation or an appointment", "services.consult.domain.fees", "FEE_TRANSITIONS"),
    Machine("An appointment", "services.consult.domain.appointments"),
    Machine("An entry of a waiting list", "services.consult.domain.waiting"),
    Machine("A call", "services.consult.domain.calls"),
    Machine("A prescription's revision", "services.consult.domain.prescriptions"),
    Machine("A rating", "services.consult.domain.ratings"),
    Machine("An order of medicine", "services.pharmacy.domain.orders"),
    Machine("A pharmacist's review", "services.pharmacy.domain.reviews"),
    Machine("A prescription's revision in the pharmacy", "services.pharmacy.domain.prescriptions"),
    Machine("A payment", "services.pharmacy.domain.payments"),
    Machine("A refund", "services.pharmacy.domain.payments", "REFUND_TRANSITIONS"),
    Machine("A courier's job", "services.pharmacy.domain.jobs"),
]

_INTRODUCTION = """\
# Every state machine
Drawn by `make docs` from the tables that the code runs (`TRANSITIONS` in each `domain/`), so that picture and code
cannot differ; a test compares them. What is not an arrow is refused as WRONG_STATE.
"""


def page() -> str:
    """The whole page, as Markdown with Mermaid's drawings."""
    return "\n".join([_INTRODUCTION, *map(_section, MACHINES)])


def _section(machine: Machine) -> str:
    transitions = getattr(import_module(machine.module), machine.table)
    place = machine.module.replace(".", "/") + ".py"
    drawn = "\n".join(_lines(transitions))
    return f"## {machine.title}\n`{place}: {machine.table}`\n```mermaid\nstateDiagram-v2\n{drawn}\n```\n"


def _lines(transitions: Mapping[tuple[Enum, Enum], Enum]) -> Iterator[str]:
    """An arrow for each pair of states, with every act that leads along it; a way in where nothing leads to, and a way
    out where nothing leads from."""
    arrows: dict[tuple[Enum, Enum], list[str]] = {}
    for (state, act), target in transitions.items():
        arrows.setdefault((state, target), []).append(_words(act))
    sources, targets = {state for state, _ in arrows}, {state for _, state in arrows}
    for state in (kind := type(next(iter(sources)))):
        if state in sources and (state not in targets or state is next(iter(kind))):
            yield f"  [*] --> {_name(state)}"
    for (state, target), acts in arrows.items():
        yield f"  {_name(state)} --> {_name(target)}: {', '.join(acts)}"
    for state in kind:
        if state in targets - sources:
            yield f"  {_name(state)} --> [*]"


def _name(state: Enum) -> str:
    return state.name.lower()


def _words(act: Enum) -> str:
    return act.name.lower().replace("_", " ")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
