"""The commands that README shows, run as a person would."""

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE

BUF = str(Path(sys.executable).parent / "buf")
CURL = shutil.which("curl")


async def run(*command: str, expect: int | None = 0) -> str:
    """What a command prints."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert expect is None or process.returncode == expect, errors.decode()
    return output.decode() or errors.decode()


async def run_json(*command: str) -> Any:
    """The JSON that a command prints."""
    return json.loads(await run(*command))


@asynccontextmanager
async def following(*command: str) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """The JSON objects that a command prints as they come; it is ended with the block."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdout
    try:
        async with asyncio.timeout(PATIENCE):
            yield objects(process.stdout)
    finally:
        process.kill()
        await process.wait()


async def objects(stream: asyncio.StreamReader) -> AsyncIterator[dict[str, Any]]:
    """JSON objects one after another, however they are broken into lines."""
    decoder, text = json.JSONDecoder(), ""
    while chunk := await stream.read(65536):
        text += chunk.decode()
        while text := text.lstrip():
            try:
                value, end = decoder.raw_decode(text)
            except json.JSONDecodeError:
                break
            text = text[end:]
            yield value
