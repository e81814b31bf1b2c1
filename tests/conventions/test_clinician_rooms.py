"""The clinician's app keeps what it knows apart from what it shows."""

import ast
from pathlib import Path

import pytest

_MODELS = Path(__file__).parents[2] / "clients" / "clinician" / "models"


@pytest.mark.parametrize("path", sorted(_MODELS.rglob("*.py")), ids=lambda path: str(path.relative_to(_MODELS)))
def test_models_have_no_windows(path: Path) -> None:
    """Import-linter does not look inside PySide6."""
    imported = [
        name
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    ]
    assert not [name for name in imported if name.startswith(("PySide6.QtWidgets", "clients.clinician.views"))]
