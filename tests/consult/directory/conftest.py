"""A directory of the tests' own beside the shared platform's, and the platform's identity."""

from collections.abc import AsyncIterator

import grpc
import pytest
from apricot.access.v1.access_pb2 import ROLE_CLINICIAN

from kit.database import Database
from kit.professionals import Professionals
from kit.service_identity import ServiceIdentity
from stack.platform import Platform
from tests.in_process import own_database


@pytest.fixture(scope="session")
async def own_directory(engines: Platform) -> AsyncIterator[Database]:
    """Open a database of consult's in which nobody else's doctors are."""
    async with own_database(engines, "consult") as database:
        yield database


@pytest.fixture(scope="session")
async def professionals(platform: Platform) -> AsyncIterator[Professionals]:
    """The shared platform's identity, asked as consult asks."""
    async with grpc.aio.insecure_channel(platform.addresses("identity")[0]) as channel:
        yield Professionals(
            channel,
            ServiceIdentity(channel, "consult", platform.state.secrets().service_secrets["consult"]),
            ROLE_CLINICIAN,
        )
