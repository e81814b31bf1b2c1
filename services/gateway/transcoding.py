"""JSON over HTTP, by the contract's `google.api.http` annotations."""

from base64 import b64encode

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.rpc import error_details_pb2, status_pb2

from services.gateway import contract
from services.gateway.settings import GatewaySettings
from services.gateway.shape import Config, http_filter, typed

# The same content is longer in JSON than in protobuf.
JSON_FACTOR = 4


def transcoder(files: FileDescriptorSet, settings: GatewaySettings) -> Config:
    config = typed(
        "extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
        proto_descriptor_bin=b64encode(_slim(files).SerializeToString(deterministic=True)).decode(),
        services=contract.services(files),
        print_options={"always_print_primitive_fields": True, "stream_newline_delimited": True},
        convert_grpc_status=True,
        # A misspelt filter must not quietly widen the answer.
        request_validation_options={
            "reject_unknown_query_parameters": True,
            "reject_binding_body_field_collisions": True,
        },
        max_request_body_size=settings.max_message_bytes,
        max_response_body_size=JSON_FACTOR * settings.max_message_bytes,
    )
    return http_filter("grpc_json_transcoder", config)


def _slim(files: FileDescriptorSet) -> FileDescriptorSet:
    """The contract without its comments, with the details of errors, so that those print as JSON too."""
    slim = {file.name: FileDescriptorProto() for file in files.file}
    for file in files.file:
        slim[file.name].CopyFrom(file)
        slim[file.name].ClearField("source_code_info")
    for module in (status_pb2, error_details_pb2):
        _add(module.DESCRIPTOR, slim)
    return FileDescriptorSet(file=slim.values())


def _add(file: FileDescriptor, known: dict[str, FileDescriptorProto]) -> None:
    """A file behind all that it imports."""
    if file.name in known:
        return
    for imported in file.dependencies:
        _add(imported, known)
    known[file.name] = FileDescriptorProto.FromString(file.serialized_pb)
