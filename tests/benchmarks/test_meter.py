"""The meter forgets nobody's work."""

import subprocess
import sys

import psutil

from benchmarks.meter import Meter

BURN = "import time\nwhile time.process_time() < 0.2: pass"
PARENT = f"""
import subprocess, sys
sys.stdin.readline()
subprocess.run([sys.executable, "-c", {BURN!r}])
print("done", flush=True)
sys.stdin.read()
"""


def test_the_work_of_a_child_that_has_ended_is_its_parents() -> None:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        meter = Meter({"parent": psutil.Process(parent.pid)})
        parent.stdin.write("\n")
        parent.stdin.flush()
        assert parent.stdout.readline() == "done\n"
        used = meter.read().per(1)["parent"]
        parent.stdin.close()
    assert used >= 190_000, "microseconds"
