"""The campaign: every method by every way, by callers of every role and none, until the time is over. What answers is
judged at once; what fails is kept with what replays it."""

import asyncio
import base64
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from uuid import uuid4

import aiohttp
import grpc

from kit import contract
from kit.contract import Method
from tests.e2e.conftest import Doors
from tests.e2e.signer import Signer
from tests.e2e.wire import Outcome
from tests.fuzz.inputs import Inputs
from tests.fuzz.victim import Victim
from tests.fuzz.ways import BROKEN_FRAME, Ways

METHODS = list(contract.methods().values())
OUR_FAULT = {
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
}
ROLES: Mapping[str, Sequence[str]] = {
    "nobody": (),
    "patient": ("patient",),
    "clinician": ("patient", "clinician"),
    "pharmacist": ("patient", "pharmacist"),
    "courier": ("patient", "courier"),
    "admin": ("patient", "admin"),
    "service": ("service",),
    "everything": ("patient", "clinician", "pharmacist", "courier", "admin", "service"),
}
MAY_SEE = {"service", "everything"}
"""What services alone may ask for is about anybody."""
AT_ONCE = 12


@dataclass(frozen=True)
class Finding:
    """What went wrong, and how to send it again."""

    what: str
    way: str
    path: str
    caller: str
    seed: int
    ids: Sequence[str]
    """Of the platform that it was found on: own, then the victim's. A replay puts those of its own in their place."""
    request: str
    """Base64."""

    def keep(self, folder: Path) -> Path:
        """Write it where `python -m tests.fuzz --replay` takes it from."""
        folder.mkdir(exist_ok=True)
        file = folder / f"{self.seed}-{self.path.rpartition('/')[2]}-{uuid4().hex[:6]}.json"
        file.write_text(json.dumps(asdict(self), indent=2))
        return file

    def bytes_for(self, ids: Sequence[str]) -> bytes:
        """The request, about things of another platform."""
        data = base64.b64decode(self.request)
        for old, new in zip(self.ids, ids, strict=False):
            data = data.replace(old.encode(), new.encode())
        return data


@dataclass
class Tally:
    """What was tried and what came of it."""

    tried: Counter[str] = field(default_factory=Counter)
    """By way."""
    callers: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    methods: set[str] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class Campaign:
    """One run with one seed against one platform."""

    def __init__(self, doors: Doors, signer: Signer, victim: Victim, own_id: str, seed: int) -> None:
        self._doors = doors
        self._signer = signer
        self.victim = victim
        self._own_id = own_id
        self.seed = seed
        self.ids = [own_id, *victim.ids]
        self._random = Random(seed)
        self._inputs = Inputs(self._random, self.ids)
        self.tally = Tally()

    async def run(self, seconds: float) -> Tally:
        """Each method by each way once, whatever the time; then on until it is over."""
        ends = time.monotonic() + seconds
        async with Ways(self._doors, self._random) as ways:
            turns = self._turns(list(ways.all), ends)

            async def work() -> None:
                for way, method in turns:
                    await self._try(ways, way, method)

            async with asyncio.TaskGroup() as group:
                for _ in range(AT_ONCE):
                    group.create_task(work())
        return self.tally

    async def replay(self, finding: Finding) -> Tally:
        """Send one again."""
        method = contract.methods()[finding.path]
        async with Ways(self._doors, self._random) as ways:
            await self._send(ways, finding.way, method, finding.caller, finding.bytes_for(self.ids))
        return self.tally

    def _turns(self, ways: list[str], ends: float) -> Iterator[tuple[str, Method]]:
        for turn in count():
            pairs = [(way, method) for way in ways for method in METHODS]
            self._random.shuffle(pairs)
            for pair in pairs:
                if turn and time.monotonic() > ends:
                    return
                yield pair

    async def _try(self, ways: Ways, way: str, method: Method) -> None:
        patient_id = self._random.choice([self._own_id, self.victim.account_id, str(uuid4())])
        request = self._inputs.request(method, patient_id)
        await self._send(ways, way, method, self._random.choice(list(ROLES)), request)

    async def _send(self, ways: Ways, way: str, method: Method, caller: str, request: bytes) -> None:
        token = self._signer.token(self._own_id, *ROLES[caller]) if ROLES[caller] else ""
        began = time.monotonic()
        try:
            outcome = await ways.all[way](method, request, token)
        except TimeoutError:
            outcome = Outcome(code=grpc.StatusCode.DEADLINE_EXCEEDED)
        except aiohttp.ClientError as error:
            outcome = Outcome(code=grpc.StatusCode.UNAVAILABLE, message=type(error).__name__)
        self._note(way, method, caller, outcome, time.monotonic() - began)
        if what := self._fault(way, method, caller, outcome):
            data = base64.b64encode(request).decode()
            self.tally.findings.append(Finding(what, way, method.path, caller, self.seed, self.ids, data))

    def _note(self, way: str, method: Method, caller: str, outcome: Outcome, seconds: float) -> None:
        self.tally.tried[way] += 1
        self.tally.callers[caller] += 1
        self.tally.codes[outcome.code.name] += 1
        self.tally.methods.add(method.path)
        self.tally.seconds.append(seconds)

    def _fault(self, way: str, method: Method, caller: str, outcome: Outcome) -> str:
        """What is wrong with an answer; empty: nothing."""
        seen = outcome.answer + outcome.details + outcome.message.encode()
        if self.victim.canary in seen and caller not in MAY_SEE:
            return "shows what is another patient's"
        if outcome.code in OUR_FAULT and not _is_the_caller_s(way, outcome):
            return f"{outcome.code.name} {outcome.message[:80]}"
        if not outcome.ok and not outcome.reason:
            return f"{outcome.code.name} without a reason"
        return ""


def _is_the_caller_s(way: str, outcome: Outcome) -> bool:
    """Paths that no method has, and frames that are none."""
    unknown = outcome.code is grpc.StatusCode.UNIMPLEMENTED
    no_such_path = unknown and (way in ("json", "web") or outcome.reason == "METHOD_UNKNOWN")
    return no_such_path or outcome.reason == BROKEN_FRAME
