"""The drawings of the state machines are those of the tables that the code runs."""

from pathlib import Path

from docs import draw_states

SERVICES = Path(__file__).parents[2] / "services"


def test_the_page_is_drawn_from_the_tables_as_they_are() -> None:
    assert draw_states.PAGE.read_text(encoding="utf-8") == draw_states.page(), "run `make docs`"


def test_every_table_is_drawn() -> None:
    tables = {
        (".".join(path.relative_to(SERVICES.parent).with_suffix("").parts), name)
        for path in SERVICES.glob("*/domain/**/*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if (name := line.partition(":")[0]).endswith("TRANSITIONS") and name.isidentifier()
    }
    assert tables == {(machine.module, machine.table) for machine in draw_states.MACHINES}
