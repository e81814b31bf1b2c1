"""From one service to another: known by name, found where it now is, with the certificate that now is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import grpc
import pytest

from kit.certificates import Certificate
from kit.channels import open_channel
from stack.authority import Authority
from tests.kit.name_server import NameServer
from tests.kit.running import until
from tests.patience import PATIENCE

type Context = grpc.aio.ServicerContext[bytes, bytes]


async def who(_: bytes, context: Context) -> bytes:
    """The caller's certificate."""
    [shown] = context.auth_context()["x509_pem_cert"]
    return shown


async def for_ever(_: bytes, context: Context) -> AsyncIterator[bytes]:
    while True:
        yield b"here"
        await asyncio.sleep(0.05)


@asynccontextmanager
async def serving(folder: Path, address: str = "127.0.0.1:0") -> AsyncIterator[int]:
    """A service with the certificate in the folder; its port."""
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        "Who": grpc.unary_unary_rpc_method_handler(who),
        "ForEver": grpc.unary_stream_rpc_method_handler(for_ever),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Service", handlers),))
    port = server.add_secure_port(address, Certificate(folder).server_credentials())
    await server.start()
    try:
        yield port
    finally:
        await server.stop(None)


async def ask(channel: grpc.aio.Channel) -> bytes:
    method: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary("/test.Service/Who")
    return await method(b"", timeout=PATIENCE)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def test_the_other_side_has_to_be_the_service(authority: Authority) -> None:
    own = Certificate(authority.issue("consult"))
    async with serving(authority.issue("identity")) as port:
        async with open_channel("identity", f"127.0.0.1:{port}", own) as channel:
            assert await ask(channel) == own.pem().chain
        async with open_channel("glucose", f"127.0.0.1:{port}", own) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await ask(channel)
    assert refused.value.code() == grpc.StatusCode.UNAVAILABLE


async def test_a_new_certificate_is_shown_by_the_next_call_and_streams_go_on(authority: Authority) -> None:
    folder = authority.issue("consult")
    async with (
        serving(authority.issue("identity")) as port,
        open_channel("identity", f"127.0.0.1:{port}", Certificate(folder)) as channel,
    ):
        watch: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream("/test.Service/ForEver")
        stream = watch(b"")
        assert await stream.read() == b"here"
        old = await ask(channel)
        authority.issue("consult")
        new = await ask(channel)
        assert new != old
        assert new == (folder / "tls.crt").read_bytes()
        assert await stream.read() == b"here"
        stream.cancel()


@pytest.mark.parametrize("broken", ["tls.crt", "tls.key", "ca.crt"])
async def test_a_broken_file_leaves_the_old_certificate_in_use(authority: Authority, broken: str) -> None:
    folder = authority.issue("consult")
    certificate = Certificate(folder)
    old = certificate.pem()
    (folder / broken).write_text("broken")
    assert certificate.pem() is old
    (folder / broken).unlink()
    assert certificate.pem() is old
    authority.issue("consult")
    assert certificate.pem().chain == (folder / "tls.crt").read_bytes()


async def test_a_process_without_its_certificate_does_not_begin(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="tls"):
        Certificate(tmp_path)


async def test_a_replica_that_went_is_found_at_its_new_address(authority: Authority) -> None:
    """In seconds; by default gRPC asks for names once in half a minute. Loopback has addresses enough for pods."""
    own, folder = Certificate(authority.issue("consult")), authority.issue("identity")
    async with NameServer().serving() as names, AsyncExitStack() as first:
        port = await first.enter_async_context(serving(folder, "127.0.0.2:0"))
        names.addresses = ["127.0.0.2"]
        address = f"dns://127.0.0.1:{names.port}/identity:{port}"
        async with open_channel("identity", address, own) as channel, serving(folder, f"127.0.0.3:{port}"):
            await ask(channel)
            await first.aclose()
            names.addresses = ["127.0.0.3"]

            async def answered() -> bool:
                try:
                    return bool(await ask(channel))
                except grpc.aio.AioRpcError:
                    return False

            async with asyncio.timeout(PATIENCE):
                await until(answered)
