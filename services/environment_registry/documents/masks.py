"""A document with some of its fields changed, as an update mask says (AIP-134)."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.message import Message
from provisioning.environment.v1 import environment_spec_pb2 as pb

from services.environment_registry import refusals

_ROOT = "spec"


def merged(present: pb.EnvironmentSpec, wished: pb.EnvironmentSpec, mask: Iterable[str]) -> pb.EnvironmentSpec:
    """Answer `present` with the fields of the mask taken from `wished`.

    Paths begin with `spec`. A field of the mask that `wished` does not have is cleared; lists and maps are replaced
    whole. An empty mask means every field that `wished` has. Raises UPDATE_MASK_INVALID.
    """
    paths = list(mask)
    if not paths:
        paths = [f"{_ROOT}.{path}" for path in _set_paths(wished)]
    result = pb.EnvironmentSpec()
    result.CopyFrom(present)
    for path in paths:
        if path in ("*", _ROOT):
            result.CopyFrom(wished)
        elif path.startswith(f"{_ROOT}."):
            _copy(wished, result, path.removeprefix(f"{_ROOT}.").split("."), path)
        else:
            raise refusals.update_mask_invalid(path)
    return result


def _copy(source: Message, target: Message, names: list[str], path: str) -> None:
    name, *rest = names
    field = source.DESCRIPTOR.fields_by_name.get(name)
    single = field is not None and field.message_type is not None and not field.is_repeated
    if field is None or (rest and not single):
        raise refusals.update_mask_invalid(path)
    if rest:
        _copy(getattr(source, name), getattr(target, name), rest, path)
        return
    target.ClearField(name)
    if field.is_repeated:
        getattr(target, name).MergeFrom(getattr(source, name))
    elif field.has_presence and not source.HasField(name):
        return
    elif single:
        getattr(target, name).CopyFrom(getattr(source, name))
    else:
        setattr(target, name, getattr(source, name))


def _set_paths(message: Message) -> Iterable[str]:
    for field, value in message.ListFields():
        if field.message_type is not None and not field.is_repeated:
            inner = list(_set_paths(value))
            # An empty message says something too: that it is there.
            yield from (f"{field.name}.{path}" for path in inner) if inner else (field.name,)
        else:
            yield field.name
