"""`python -m deploy.rehearsal`: the rehearsal, in a space of its own.

Exit code 1: something was lost, 2: this machine permits no namespaces.
"""

import sys

from deploy.rehearsal import space

NOT_PERMITTED = 2


def main(arguments: list[str] | None = None) -> int:
    try:
        return space.call_inside("deploy.rehearsal.inside", arguments or [])
    except space.NotPermitted as error:
        print(f"no rehearsal: this machine permits no namespaces: {error}", file=sys.stderr)
        return NOT_PERMITTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
