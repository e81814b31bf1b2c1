"""Make `gen/` from `protos/`: Python messages, stubs and types, and `contract.binpb`, the whole contract as one
descriptor set (the gateway, reflection, `buf` and the tests read it).

Run by `make protos` and at install: `python protos/build.py`.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import google.api
import grpc_tools
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from protovalidate._gen.buf.validate import validate_pb

PROTOS = Path(__file__).parent
GEN = PROTOS.parent / "gen"
INCLUDES = [PROTOS, Path(grpc_tools.__file__).parent / "_proto", Path(google.api.__path__[0]).parents[1]]


def main() -> None:
    shutil.rmtree(GEN, ignore_errors=True)
    GEN.mkdir()
    # protovalidate's wheel carries its contract as a descriptor, not as source.
    validate = GEN / "validate.binpb"
    rules = FileDescriptorProto.FromString(validate_pb._DESC.proto.to_binary())
    well_known = ["google/protobuf/descriptor.proto", "google/protobuf/duration.proto",
                  "google/protobuf/field_mask.proto", "google/protobuf/timestamp.proto"]  # fmt: skip
    protoc("--include_imports", f"--descriptor_set_out={validate}", *well_known)
    known = FileDescriptorSet.FromString(validate.read_bytes())
    known.file.append(rules)
    validate.write_bytes(known.SerializeToString())

    ours = sorted(str(p.relative_to(PROTOS)) for p in PROTOS.rglob("*.proto"))
    python = [f"--python_out={GEN}", f"--mypy_out={GEN}"]
    protoc(f"--descriptor_set_in={validate}", *python, "buf/validate/validate.proto")
    protoc(*python, f"--grpc_python_out={GEN}", f"--mypy_grpc_out={GEN}", *ours, known=validate)
    protoc("--include_imports", "--include_source_info",
           f"--descriptor_set_out={GEN / 'contract.binpb'}", *ours, known=validate)  # fmt: skip
    for package in GEN.rglob("*"):
        if package.is_dir():
            (package / "py.typed").touch()


def protoc(*arguments: str, known: Path | None = None) -> None:
    """Run the compiler; `known` is a descriptor set with the files that have no source."""
    found = [f"--descriptor_set_in={known}"] if known else []
    command = [sys.executable, "-m", "grpc_tools.protoc", *found, *(f"-I{path}" for path in INCLUDES), *arguments]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
