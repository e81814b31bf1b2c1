"""`make audit`: known weaknesses of what is locked, and secrets in the tree and its history."""

import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from deploy.audit import leaks, weaknesses

ROOT = Path(__file__).parents[2]


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="have what is found known; each needs its reason written")
    console, arguments = Console(), parser.parse_args()
    found = leaks.search(leaks.tree(ROOT)) | leaks.search(leaks.history(ROOT))
    if arguments.keep:
        leaks.keep(found)
    wrong = leaks.judged(found, leaks.known())
    console.print(f"secrets: {len(found)} that look like one, {len(wrong)} that nobody has looked at")
    try:
        weak = weaknesses.audit(datetime.now(UTC).date())
        console.print(f"dependencies: {len(weak)} to do something about")
        wrong += weak
    except weaknesses.NobodyToAskError as error:
        console.print(f"[yellow]dependencies: NOT AUDITED, the advisory database cannot be asked from here: {error}")
    for one in wrong:
        console.print(f"[red]{one}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
