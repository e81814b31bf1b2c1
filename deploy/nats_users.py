"""Write the users of NATS with their rights, as a cluster's NATS reads them: `python -m deploy.nats_users`."""

import json

from deploy.manifests import K8S
from kit.subjects import SERVICES, permissions

FILE = K8S / "components" / "nats" / "users.conf"


def text() -> str:
    """Return the file: the owner, who makes streams and backups, and each service. Passwords are variables."""
    users = ["    {user: apricot, password: $NATS_PASSWORD}"]
    for service in SERVICES:
        rights = json.dumps(permissions(service), indent=2).replace("\n", "\n      ")
        variable = f"$NATS_{service.upper()}_PASSWORD"
        users.append(f"    {{\n      user: {service}, password: {variable}\n      permissions: {rights}\n    }}")
    head = "# Written by `python -m deploy.nats_users` from kit/subjects.py."
    return f"{head}\nauthorization {{\n  users: [\n" + "\n".join(users) + "\n  ]\n}\n"


if __name__ == "__main__":
    FILE.write_text(text())
