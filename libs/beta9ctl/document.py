"""Reads a customer's document: the mapping that a file holds, into the contract's EnvironmentSpec.

The proto descriptors say which keys there are and what each may hold, so a field that is added to the contract is a
key of the document at once. What a value means (ranges, required fields, what can be built) is the registry's to say.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from provisioning.environment.v1.environment_spec_pb2 import EnvironmentSpec

from libs.beta9ctl import document_scalars as scalars
from libs.beta9ctl.names import ID_RULE, is_legal_id
from libs.beta9ctl.problem import Violation

NAME_KEY = "name"


@dataclass(frozen=True)
class Document:
    """A document as the API wants it. `name` is the environment's id."""

    name: str
    spec: EnvironmentSpec


class DocumentError(ValueError):
    """A document that does not have the contract's shape; `violations` are all of them, in the document's order."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__("; ".join(map(str, violations)))
        self.violations = tuple(violations)


def parse(content: object) -> Document:
    """Answers the document that `content` (what a YAML or JSON reader answered) describes. Raises DocumentError.

    A key with no value (null) is a key that is not there; every other key sets its field, also to its default, so that
    the registry can tell the two apart.
    """
    if not isinstance(content, Mapping):
        what = "is empty" if content is None else f"must be a mapping, not {scalars.describe(content)}"
        raise DocumentError([Violation("", f"the document {what}; it starts with a name, cloud and beta9")])
    violations: list[Violation] = []
    name = _name(content.get(NAME_KEY), violations)
    spec = EnvironmentSpec()
    rest = {key: value for key, value in content.items() if key != NAME_KEY}
    _fill(spec, rest, "", violations, also_known=(NAME_KEY,))
    if violations:
        raise DocumentError(violations)
    return Document(name, spec)


def _name(value: object, violations: list[Violation]) -> str:
    if value is None:
        violations.append(Violation(NAME_KEY, f"is required: {ID_RULE}"))
    elif not isinstance(value, str) or not is_legal_id(value):
        violations.append(Violation(NAME_KEY, f"must be {ID_RULE}, not {scalars.describe(value)}"))
    else:
        return value
    return ""


def _fill(
    message: Message,
    content: Mapping[object, object],
    path: str,
    violations: list[Violation],
    also_known: tuple[str, ...] = (),
) -> None:
    fields: Any = message.DESCRIPTOR.fields_by_name
    for key, value in content.items():
        key_path = f"{path}.{key}" if path else str(key)
        if not isinstance(key, str) or key not in fields:
            known = [*also_known, *fields]
            violations.append(Violation(key_path, _unknown(str(key), path, known)))
        elif value is not None:
            _set(message, fields[key], value, key_path, violations)


def _set(message: Message, field: FieldDescriptor, value: object, path: str, violations: list[Violation]) -> None:
    try:
        if _is_map(field):
            _fill_map(message, field, value, path, violations)
        elif field.is_repeated:
            _fill_list(message, field, value, path, violations)
        elif field.message_type is not None:
            inner: Message = getattr(message, field.name)
            inner.SetInParent()
            _fill(inner, _mapping(value), path, violations)
        else:
            setattr(message, field.name, scalars.convert(field, value))
    except scalars.ScalarError as error:
        violations.append(Violation(path, str(error)))


def _fill_map(message: Message, field: FieldDescriptor, value: object, path: str, violations: list[Violation]) -> None:
    target = getattr(message, field.name)
    for key, item in _mapping(value).items():
        try:
            target[scalars.text(key)] = scalars.text(item)
        except scalars.ScalarError as error:
            violations.append(Violation(f"{path}[{key}]", str(error)))


def _fill_list(message: Message, field: FieldDescriptor, value: object, path: str, violations: list[Violation]) -> None:
    if not isinstance(value, list):
        raise scalars.ScalarError(f"must be a list, not {scalars.describe(value)}")
    target = getattr(message, field.name)
    for index, item in enumerate(value):
        item_path = f"{path}[{index}]"
        try:
            if field.message_type is not None:
                _fill(target.add(), _mapping(item), item_path, violations)
            else:
                target.append(scalars.convert(field, item))
        except scalars.ScalarError as error:
            violations.append(Violation(item_path, str(error)))


def _mapping(value: object) -> Mapping[object, object]:
    if isinstance(value, Mapping):
        return value
    raise scalars.ScalarError(f"must be a mapping, not {scalars.describe(value)}")


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def _unknown(key: str, path: str, siblings: list[str]) -> str:
    """Names the nearest key that is known: a like one beside it, else the same word elsewhere, else a like one."""
    close = difflib.get_close_matches(_snake(key), siblings, n=1, cutoff=0.7)
    if not close:
        everywhere = {p.rpartition(".")[2]: p for p in known_paths()}
        like = difflib.get_close_matches(_snake(key), everywhere, n=1, cutoff=0.7)
        if not like:
            place = f"under {path}" if path else "at the top"
            return f"is not a known key; {place} there are: {', '.join(siblings)}"
        close = [everywhere[like[0]]]
    elif path:
        close = [f"{path}.{close[0]}"]
    return f"is not a known key; did you mean {close[0]}?"


def _snake(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key).lstrip("_")


def known_paths(descriptor: Any = EnvironmentSpec.DESCRIPTOR, prefix: str = "") -> Iterator[str]:
    """Every path that a document can have, such as `cloud.region`; what stands in a list or a map under its own key."""
    for field in descriptor.fields:
        path = f"{prefix}{field.name}"
        yield path
        if field.message_type is not None and not _is_map(field):
            yield from known_paths(field.message_type, f"{path}[]." if field.is_repeated else f"{path}.")
