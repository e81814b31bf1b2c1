"""Channels of the bench's clients."""

import grpc


def open_channels(address: str, how_many: int) -> list[grpc.aio.Channel]:
    """Each with a connection of its own."""
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", 16 << 20)]
    return [grpc.aio.insecure_channel(address, options=options) for _ in range(how_many)]
