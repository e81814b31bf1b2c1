"""Exports: files that come part by part. One that breaks off is to be begun anew."""

from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import TYPE_CHECKING, Protocol

import grpc
from apricot.consult.v1.export_pb2 import ExportConsultationsRequest
from apricot.glucose.v1.export_pb2 import ExportDiaryRequest, ExportFormat
from apricot.identity.v1.account_pb2 import ExportAccountRequest
from apricot.pharmacy.v1.export_pb2 import ExportPharmacyRecordRequest

from clients.sdk.calls import Bearer, bearer
from clients.sdk.errors import ApricotError
from clients.sdk.tokens import TokenKeeper

if TYPE_CHECKING:
    from apricot.consult.v1.export_pb2_grpc import ConsultExportServiceAsyncStub
    from apricot.glucose.v1.export_pb2_grpc import ExportServiceAsyncStub
    from apricot.identity.v1.account_pb2_grpc import AccountServiceAsyncStub
    from apricot.pharmacy.v1.export_pb2_grpc import PharmacyExportServiceAsyncStub


class _Part(Protocol):
    content: bytes


def diary(
    stub: "ExportServiceAsyncStub", tokens: TokenKeeper, patient_id: str, file_format: ExportFormat.ValueType
) -> AsyncIterator[bytes]:
    """The diary's file."""
    request = ExportDiaryRequest(patient_id=patient_id, format=file_format)
    return _parts(lambda metadata: stub.ExportDiary(request, metadata=metadata), tokens)


def account(stub: "AccountServiceAsyncStub", tokens: TokenKeeper, fresh_proof: str) -> AsyncIterator[bytes]:
    """The account's file."""
    request = ExportAccountRequest(fresh_proof=fresh_proof)
    return _parts(lambda metadata: stub.ExportAccount(request, metadata=metadata), tokens)


def consultations(stub: "ConsultExportServiceAsyncStub", tokens: TokenKeeper) -> AsyncIterator[bytes]:
    """The file of one's consultations."""
    request = ExportConsultationsRequest()
    return _parts(lambda metadata: stub.ExportConsultations(request, metadata=metadata), tokens)


def pharmacy_record(stub: "PharmacyExportServiceAsyncStub", tokens: TokenKeeper) -> AsyncIterator[bytes]:
    """The file of one's orders and supplies."""
    request = ExportPharmacyRecordRequest()
    return _parts(lambda metadata: stub.ExportPharmacyRecord(request, metadata=metadata), tokens)


async def _parts(begin: Callable[[Bearer], AsyncIterable[_Part]], tokens: TokenKeeper) -> AsyncIterator[bytes]:
    try:
        async for part in begin(bearer(await tokens.token())):
            yield part.content
    except grpc.aio.AioRpcError as error:
        raise ApricotError.of(error) from error
