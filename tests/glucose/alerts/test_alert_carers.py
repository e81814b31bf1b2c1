"""Whom identity names when a service asks in its own name."""

from uuid import UUID

import grpc
import pytest
from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ, SCOPE_GLUCOSE_READ

from kit.service_identity import ServiceIdentity
from stack.platform import Platform
from tests.people import People


async def test_those_who_may_read_alerts_and_nobody_else(platform: Platform, people: People) -> None:
    patient, mother, friend, doctor = [await people.patient() for _ in range(3)] + [await people.clinician()]
    await patient.grant(mother, SCOPE_ALERT_READ)
    await patient.grant(friend, SCOPE_GLUCOSE_READ)
    await patient.grant(doctor, SCOPE_ALERT_READ)
    secret = platform.state.secrets().service_secrets["glucose"]
    async with grpc.aio.insecure_channel(platform.addresses("identity")[0]) as channel:
        identity = ServiceIdentity(channel, "glucose", secret)
        carers = await identity.carers(UUID(patient.account_id), SCOPE_ALERT_READ)
        assert {carer.account_id: carer.clinical for carer in carers} == {
            mother.account_id: False,
            doctor.account_id: True,
        }
        wrong = ServiceIdentity(channel, "glucose", "not the secret of all services")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await wrong.carers(UUID(patient.account_id), SCOPE_ALERT_READ)
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
