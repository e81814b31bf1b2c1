"""The bus at its end."""

import asyncio

from kit.bus import Bus
from stack.testing import temporary_platform
from tests.kit.running import until
from tests.patience import PATIENCE


async def test_a_process_can_leave_though_nats_is_gone() -> None:
    async with temporary_platform(("nats",)) as engines:
        bus = await Bus.connect(engines.nats_url, "test")
        await bus.on_ping("apricot.test", lambda: None)
        engines.part("nats").kill(restart=False)
        await until(lambda: bus.client.is_reconnecting)
        await bus.ping("apricot.test")
        async with asyncio.timeout(PATIENCE):
            await bus.close()
        assert bus.client.is_closed
