"""Is it ready? Plain sockets: an HTTP library would cost the start more than the question does."""

import asyncio


async def http_ok(host: str, port: int, path: str) -> bool:
    """Whether `GET path` answers 200."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        status = await reader.readline()
    finally:
        writer.close()
    return status.split()[1:2] == [b"200"]


async def nats_ok(host: str, port: int, user: str, password: str) -> bool:
    """Whether the server accepts the user; it listens only once its streams are recovered."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        await reader.readline()  # INFO
        hello = f'{{"verbose":false,"pedantic":false,"user":"{user}","pass":"{password}"}}'
        writer.write(f"CONNECT {hello}\r\nPING\r\n".encode())
        return await reader.readline() == b"PONG\r\n"
    finally:
        writer.close()
