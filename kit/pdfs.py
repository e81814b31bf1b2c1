"""Uploaded PDFs, rebuilt from their pages in a process of its own (`kit.pdf_maker`)."""

from kit.apart import module, run_apart

MEDIA_TYPE = "application/pdf"
MAX_PAGES = 500
MAX_BYTES = 20 << 20
"""Of the rebuilt file."""
MAX_SECONDS = 20
NOT_A_PDF = 3
"""How the process ends when it refuses; 0 with the file."""
_COMMAND = module("kit.pdf_maker")


class NotAPdfError(ValueError):
    """The bytes are no PDF that can be rebuilt."""


async def made_anew(content: bytes) -> bytes:
    """Return the PDF with its pages alone: no scripts, actions, links, forms, attached files or metadata, and nothing
    before or behind it. Raise `NotAPdfError` when it cannot be rebuilt, such as an encrypted one."""
    try:
        code, made = await run_apart(_COMMAND, content, max_seconds=MAX_SECONDS)
    except TimeoutError as error:
        raise NotAPdfError("the PDF takes too long to open") from error
    if code != 0 or not made:
        raise NotAPdfError("not a PDF that can be rebuilt")
    return made
