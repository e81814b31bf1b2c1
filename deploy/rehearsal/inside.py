"""`python -m deploy.rehearsal.inside OVERLAY`: the rehearsal, already inside a space of its own."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from clients.sdk import Apricot
from deploy.manifests import render
from deploy.rehearsal.manifests import Objects
from deploy.rehearsal.platform import rehearsed
from stack.demo.accounts import CODE, PATIENT_PHONES


async def run(overlay: str) -> None:
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.1f} {text}", flush=True)

    state = Path(tempfile.mkdtemp(prefix="rehearsal-"))
    say(str(state))
    async with rehearsed(Objects(render(overlay)), state, say) as platform:
        say("up")
        say(str(platform.not_run))
        async with Apricot(platform.gateway_address) as apricot:
            session = await apricot.sign_in_with_code(PATIENT_PHONES[0], CODE)
            say(f"signed in {session.signed_in.account.account_id}")


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1]))
