"""Where protos are read from: ours, and those of Google that installed wheels bring along."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROTO = ROOT / "proto"
GENERATED = ROOT / "libs" / "contracts" / "provisioning"
BASELINE = PROTO / "baseline.binpb"
"""What the last release promised, as an image that buf compares with."""

# Of googleapis-common-protos, what our own files import or stand beside.
_GOOGLE = ("google/api", "google/rpc", "google/longrunning", "google/type")


def sources() -> list[Path]:
    """Our proto files, sorted."""
    return sorted(PROTO.rglob("*.proto"))


def google() -> Path:
    """The include folder that has google/api, google/rpc and google/longrunning."""
    spec = importlib.util.find_spec("google.api")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("proto: the package googleapis-common-protos is not installed; run make setup")
    return Path(next(iter(spec.submodule_search_locations))).parents[1]


def well_known() -> Path:
    """The include folder that has google/protobuf."""
    spec = importlib.util.find_spec("grpc_tools")
    if spec is None or spec.origin is None:
        raise SystemExit("proto: the package grpcio-tools is not installed; run make setup")
    return Path(spec.origin).parent / "_proto"


def copy_google(target: Path) -> None:
    """Copy Google's protos alone, without the wheel's Python code: buf reads whole folders."""
    for package in _GOOGLE:
        for source in sorted((google() / package).rglob("*.proto")):
            # The wheel gives this one file a name that its own generated code does not know it by.
            name = source.name.replace("operations_proto.proto", "operations.proto")
            copy = target / source.relative_to(google()).with_name(name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
