"""`python -m stack.cashier FOLDER HOST PORT`: serves the dialects whose keys the folder holds, until it is ended."""

import asyncio
import signal
import sys
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from stack.cashier.book import Book
from stack.cashier.controls import Controls, Gates
from stack.cashier.dialect import Dialect
from stack.cashier.keys import Keys, load
from stack.cashier.notices import Notices
from stack.cashier.phone import Phone

BOOK, KEYS = "book.sqlite3", "keys.json"


def dialects_of(keys: Keys, book: Book, gates: Gates, url: str) -> dict[str, Dialect]:
    """Each is imported when it is spoken: the sandbox alone starts faster."""
    spoken = list[Dialect]()
    if keys.sandbox_secret:
        from stack.cashier.sandbox import Sandbox

        spoken.append(Sandbox(book, gates, keys.sandbox_secret))
    if keys.alipay:
        from stack.cashier.alipay import Alipay

        spoken.append(Alipay(book, gates, keys.alipay, url))
    if keys.wechat:
        from stack.cashier.wechat import WeChat

        spoken.append(WeChat(book, gates, keys.wechat, url))
    return {dialect.name: dialect for dialect in spoken}


async def serve(folder: Path, host: str, port: int) -> None:
    """Serve until told to stop."""
    book, gates = Book(folder / BOOK), Gates()
    dialects = dialects_of(load(folder / KEYS), book, gates, f"http://{host}:{port}")
    notices = Notices(book, dialects)
    app = web.Application()
    for dialect in dialects.values():
        app.add_routes(dialect.routes())
    app.add_routes([*Phone(book, dialects).routes(), *Controls(book, gates, notices).routes()])
    app.add_routes([web.get("/readyz", _ready)])

    @web.middleware
    async def wake(request: web.Request, handler: Handler) -> web.StreamResponse:
        """A request may have left something to be told."""
        try:
            return await handler(request)
        finally:
            notices.wake()

    app.middlewares.append(wake)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    telling = asyncio.create_task(notices.run())
    await asyncio.wait([asyncio.create_task(stop.wait()), telling], return_when=asyncio.FIRST_COMPLETED)
    await runner.cleanup()
    if telling.done():
        telling.result()


async def _ready(_: web.Request) -> web.Response:
    return web.Response(text="ready\n")


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
