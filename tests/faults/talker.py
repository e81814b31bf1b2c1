"""A client process that joins a conversation and stays until it is killed: `python -m tests.faults.talker ADDRESS TOKEN
CONSULTATION`."""

import asyncio
import sys
from uuid import uuid4

import grpc
from apricot.consult.v1.conversation_pb2 import ConverseRequest, Join
from apricot.consult.v1.conversation_pb2_grpc import ConversationServiceStub


async def main(address: str, token: str, consultation_id: str) -> None:
    async with grpc.aio.insecure_channel(address) as channel:
        talk = ConversationServiceStub(channel).Converse(metadata=(("authorization", f"Bearer {token}"),))
        await talk.write(ConverseRequest(join=Join(consultation_id=consultation_id, device_id=str(uuid4()))))
        await talk.read()
        sys.stdout.write("there\n")
        sys.stdout.flush()
        while await talk.read() is not grpc.aio.EOF:
            pass


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
