"""Make `gen/` from `protos/`: Python messages, stubs and types, and `contract.binpb`, the whole contract as one
descriptor set (the gateway, reflection, `buf` and the tests read it).

Run by `make protos` and at install: `python protos/build.py`.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import google.api
import grpc_tools
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from protovalidate._gen.buf.validate import validate_pb

PROTOS = Path(__file__).resolve().parent
GEN = PROTOS.parent / "gen"

_BUNDLED = [Path(grpc_tools.__file__).parent / "_proto", Path(next(iter(google.api.__path__))).parents[1]]
_WELL_KNOWN = [f"google/protobuf/{name}.proto" for name in ("descriptor", "duration", "field_mask", "timestamp")]


def main() -> None:
    shutil.rmtree(GEN, ignore_errors=True)
    GEN.mkdir()
    python = [f"--python_out={GEN}", f"--mypy_out=quiet:{GEN}"]
    rules = _validation_rules()
    _protoc(PROTOS, rules, *python, "buf/validate/validate.proto")
    grpc = [f"--grpc_python_out={GEN}", f"--mypy_grpc_out=quiet:{GEN}"]
    _protoc(PROTOS, rules, *python, *grpc, *_files(PROTOS))
    for folder in GEN.rglob("*"):
        if folder.is_dir():
            (folder / "py.typed").touch()
    # Last: a build that broke off is made again.
    describe(PROTOS, GEN / "contract.binpb")


def describe(protos: Path, to: Path) -> None:
    """Write the contract in a folder as one descriptor set, with its comments."""
    _protoc(
        protos,
        _validation_rules(),
        "--include_imports",
        "--include_source_info",
        f"--descriptor_set_out={to}",
        *_files(protos),
    )


def _validation_rules() -> Path:
    """protovalidate's wheel carries its contract as a descriptor, not as source: here with what it imports."""
    path = GEN / "validate.binpb"
    if not path.exists():
        _protoc(PROTOS, None, "--include_imports", f"--descriptor_set_out={path}", *_WELL_KNOWN)
        known = FileDescriptorSet.FromString(path.read_bytes())
        known.file.append(FileDescriptorProto.FromString(validate_pb._DESC.proto.to_binary()))
        path.write_bytes(known.SerializeToString())
    return path


def _files(protos: Path) -> list[str]:
    return sorted(str(path.relative_to(protos)) for path in protos.rglob("*.proto"))


def _protoc(protos: Path, known: Path | None, *arguments: str) -> None:
    """Run the compiler; `known` is a descriptor set of files that have no source."""
    found = [f"--descriptor_set_in={known}"] if known else []
    includes = [f"-I{path}" for path in (protos, *_BUNDLED)]
    # The plugins lie beside this Python.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    command = [sys.executable, "-m", "grpc_tools.protoc", *found, *includes, *arguments]
    subprocess.run(command, check=True, env={**os.environ, "PATH": path})


if __name__ == "__main__":
    main()
