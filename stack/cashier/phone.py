"""The buyer's phone: opens what the merchant's app was given, and pays."""

from collections.abc import Mapping

from aiohttp import web

from stack.cashier.book import Book, RefusedError
from stack.cashier.dialect import Dialect


class Phone:
    def __init__(self, book: Book, dialects: Mapping[str, Dialect]) -> None:
        self._book = book
        self._dialects = dialects

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/open", self._open), web.post("/pay", self._pay)]

    async def _open(self, request: web.Request) -> web.Response:
        """`{"provider": "alipay", "order": what StartPayment gave}`: look at it, pay nothing."""
        return await self._act(request, pay=False)

    async def _pay(self, request: web.Request) -> web.Response:
        """Open it and pay."""
        return await self._act(request, pay=True)

    async def _act(self, request: web.Request, *, pay: bool) -> web.Response:
        wanted = await request.json()
        try:
            trade = self._dialects[wanted["provider"]].open(wanted["order"])
            if pay:
                trade = self._book.pay(trade.provider, trade.out_trade_no)
        except RefusedError as refusal:
            return web.json_response({"code": refusal.code}, status=409)
        return web.json_response({"out_trade_no": trade.out_trade_no, "state": trade.state})
