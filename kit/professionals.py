"""What identity says of professionals: who they are, and until when their licences live."""

from collections.abc import Collection
from uuid import UUID

import grpc
from apricot.access.v1.access_pb2 import Role
from apricot.identity.v1.licence_pb2 import GetProfessionalsRequest, Professional
from apricot.identity.v1.licence_pb2_grpc import LicenceServiceStub

from kit.service_identity import ServiceIdentity


class Professionals:
    """Asks identity for those of one role."""

    def __init__(self, channel: grpc.aio.Channel, identity: ServiceIdentity, role: Role.ValueType) -> None:
        self._licences = LicenceServiceStub(channel)
        self._identity = identity
        self._role = role

    async def find(self, accounts: Collection[UUID]) -> dict[UUID, Professional]:
        """Those among at most 1000 accounts that have an approved licence for the role, an expired one too. Errors:
        an outage."""
        request = GetProfessionalsRequest(account_ids=map(str, accounts), role=self._role)
        answer = await self._identity.ask(self._licences.GetProfessionals, request)
        return {UUID(one.account_id): one for one in answer.professionals}
