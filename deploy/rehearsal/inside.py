"""`python -m deploy.rehearsal.inside OVERLAY`: the rehearsal, already inside a space of its own."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from deploy.manifests import render
from deploy.rehearsal.acts import Acts
from deploy.rehearsal.clients import Phone, Tally
from deploy.rehearsal.load import under_load
from deploy.rehearsal.manifests import Objects
from deploy.rehearsal.platform import rehearsed


async def run(overlay: str) -> None:
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.1f} {text}", flush=True)

    state = Path(tempfile.mkdtemp(prefix="rehearsal-"))
    say(str(state))
    async with rehearsed(Objects(render(overlay)), state, say) as platform:
        say("up")
        say(str(platform.not_run))

        def open_phone(tally: Tally) -> Phone:
            return Phone(platform.gateway, platform.trusted, tally)

        async with under_load(open_phone) as load:
            await Acts(platform, load, lambda figures: say(str(figures))).all()
            say(str(load.tally.failures))


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1]))
