"""A worker of `pool`: takes jobs from its standard input until that ends with the process that started it."""

import os
import pickle
import signal
import sys
import traceback
from dataclasses import dataclass
from importlib import import_module
from typing import Any

HEAD_BYTES = 8
_NICER = 5
"""Reports give way to readings and alarms."""


@dataclass(frozen=True, slots=True)
class Done:
    """A function's end: its answer, or its error and where that arose."""

    answer: Any = None
    error: Exception | None = None
    place: str = ""


def head(message: bytes) -> bytes:
    """What goes before a message in a pipe: its size."""
    return len(message).to_bytes(HEAD_BYTES)


def main(preload: tuple[str, ...]) -> None:
    """Import what will be needed, say so by an empty answer, and work until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the service's to answer
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints goes to the log, not among the answers
    for module in preload:
        import_module(module)
    os.nice(_NICER)
    answer = b""
    while True:
        answers.write(head(answer) + answer)
        answers.flush()
        if not (size := jobs.read(HEAD_BYTES)):
            return
        answer = pickle.dumps(_work(jobs.read(int.from_bytes(size))))


def _work(job: bytes) -> Done:
    try:
        function, arguments = pickle.loads(job)  # noqa: S301  from our own parent
        return Done(function(*arguments))
    except Exception as error:  # noqa: BLE001  it is the caller's to judge
        last = traceback.extract_tb(error.__traceback__)[-1]
        return Done(error=error.with_traceback(None), place=f"{last.filename}:{last.lineno}")
