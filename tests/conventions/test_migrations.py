"""A migration runs beside the old version of its service: it takes away nothing that may still be used."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

VERSIONS = sorted(Path(__file__).parents[2].glob("services/*/store/migrations/versions/[0-9]*.py"))
MARKER = "contracts"
"""`contracts = "what is taken away, and since which release nothing uses it"`, at the top of a revision."""
TAKES_AWAY = {"drop_table", "drop_column", "rename_table"}
SQL = re.compile(
    r"(\bdrop\s+(table|column|view|function|type)|\brename\s+(to|column)|^\s*truncate\b"
    r"|\balter\s+column\s+\w+\s+(set\s+not\s+null|(set\s+data\s+)?type))",
    re.IGNORECASE | re.MULTILINE,
)


def destructive(source: str) -> list[str]:
    """What a revision's upgrade takes away, by its calls and its SQL."""
    module = ast.parse(source)
    names = {
        target.id
        for one in module.body
        if isinstance(one, ast.Assign)
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    if MARKER in names:
        return []
    parts = [one for one in module.body if not (isinstance(one, ast.FunctionDef) and one.name == "downgrade")]
    new = {_first(call) for part in parts for call in _calls(part) if _name(call) == "create_table"}
    return [found for part in parts for found in (*_by_call(part, new), *_by_sql(part))]


def _by_call(part: ast.stmt, new: set[str]) -> Iterator[str]:
    for call in _calls(part):
        name, given = _name(call), {one.arg: one.value for one in call.keywords}
        if _first(call) in new:
            continue  # nobody uses it yet
        if name in TAKES_AWAY:
            yield name
        if name == "alter_column" and given.keys() & {"new_column_name", "type_"}:
            yield "alter_column"
        if name == "alter_column" and "nullable=False" in ast.unparse(call):
            yield "set not null"
        if name == "add_column" and "nullable=False" in ast.unparse(call) and "server_default" not in ast.unparse(call):
            yield "a new column that the old version does not fill"


def _by_sql(part: ast.stmt) -> Iterator[str]:
    for node in ast.walk(part):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (found := SQL.search(node.value)):
            yield found[0]


def _calls(part: ast.stmt) -> Iterator[ast.Call]:
    return (node for node in ast.walk(part) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute))


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _first(call: ast.Call) -> str:
    return ast.unparse(call.args[0]) if call.args else ""


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: f"{path.parents[3].name}-{path.stem}")
def test_a_migration_takes_nothing_away(path: Path) -> None:
    assert destructive(path.read_text()) == []


@pytest.mark.parametrize(
    "line",
    [
        "op.drop_table('entry')",
        "op.drop_column('entry', 'kind')",
        "op.rename_table('entry', 'reading')",
        "op.alter_column('entry', 'kind', new_column_name='sort')",
        "op.alter_column('entry', 'kind', type_=sa.BigInteger())",
        "op.alter_column('entry', 'kind', nullable=False)",
        "op.add_column('entry', sa.Column('kind', sa.Integer(), nullable=False))",
        "op.execute('alter table entry drop column kind')",
        "op.execute('ALTER TABLE entry RENAME COLUMN kind TO sort')",
        "op.execute('alter table entry alter column kind type bigint')",
        "op.execute('alter table entry alter column kind set not null')",
        "op.execute('truncate entry')",
    ],
)
def test_what_takes_something_away_is_found_unless_it_says_so(line: str) -> None:
    source = f"def upgrade():\n    {line}\n"
    assert destructive(source)
    assert destructive(f'{MARKER} = "nothing has used it since 0.3"\n{source}') == []


def test_what_is_only_taken_away_when_going_back_is_no_matter() -> None:
    assert destructive("def downgrade():\n    op.drop_table('entry')\n") == []
    assert destructive("def upgrade():\n    op.add_column('entry', sa.Column('kind', sa.Integer()))\n") == []
