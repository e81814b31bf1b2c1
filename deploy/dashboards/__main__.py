"""`python -m deploy.dashboards` writes the dashboards anew."""

import json

from deploy.dashboards.boards import BOARDS
from deploy.manifests import K8S

FOLDER = K8S / "components" / "monitoring" / "dashboards"


def texts() -> dict[str, str]:
    """Each file's text by its name."""
    return {f"{name}.json": json.dumps(board, indent=2, ensure_ascii=False) + "\n" for name, board in BOARDS.items()}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, text in texts().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
