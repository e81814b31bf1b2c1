"""Photos of meals: up and down, over broken connections too."""

from typing import TYPE_CHECKING

from apricot.glucose.v1.photo_pb2 import DownloadPhotoRequest, Photo, UploadPhotoRequest

from clients.sdk.calls import Bearer, Calls
from clients.sdk.parts import answer_to, split

if TYPE_CHECKING:
    from apricot.glucose.v1.photo_pb2_grpc import PhotoServiceAsyncStub


async def upload(stub: "PhotoServiceAsyncStub", calls: Calls, patient_id: str, content: bytes, seconds: float) -> Photo:
    """The photo as the platform knows it."""
    parts = [UploadPhotoRequest(patient_id=patient_id, content=part) for part in split(content)]

    async def attempt(metadata: Bearer, timeout: float) -> Photo:
        return (await answer_to(stub.UploadPhoto(metadata=metadata, timeout=timeout), parts)).photo

    return await calls.run(attempt, seconds=seconds, repeatable=True)


async def download(
    stub: "PhotoServiceAsyncStub", calls: Calls, patient_id: str, photo_id: str, seconds: float
) -> bytes:
    """The photo's bytes."""
    request = DownloadPhotoRequest(patient_id=patient_id, photo_id=photo_id)

    async def attempt(metadata: Bearer, timeout: float) -> bytes:
        stream = stub.DownloadPhoto(request, metadata=metadata, timeout=timeout)
        return b"".join([part.content async for part in stream])

    return await calls.run(attempt, seconds=seconds, repeatable=True)
