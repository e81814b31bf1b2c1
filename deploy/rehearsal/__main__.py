"""`python -m deploy.rehearsal [OVERLAY]`."""

import sys

from deploy.rehearsal.space import NotPermitted, enter

if __name__ == "__main__":
    try:
        enter("deploy.rehearsal.inside", sys.argv[1:] or ["production"])
    except NotPermitted as error:
        print(f"no rehearsal: this machine permits no namespaces: {error}", file=sys.stderr)
        sys.exit(2)
