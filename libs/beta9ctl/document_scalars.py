"""Turns one scalar of a document into the value of one proto field, by the field's descriptor alone."""

from __future__ import annotations

import re

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

_INTEGER = re.compile(r"[+-]?[0-9]+")
_INTEGER_LIMITS = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
# Names that documents use beside the contract's own: cloud catalogues write the vendor before the type, and their A100
# without a size is the one with 40 GB.
_VENDOR_PREFIXES = ("nvidiatesla", "nvidia")
_OTHER_NAMES = {"a100": "a10040", "a10080gb": "a10080", "a10040gb": "a10040"}


class ScalarError(ValueError):
    """The value does not fit the field; the text says what would."""


def convert(field: FieldDescriptor, value: object) -> str | bool | int:
    """Answers what to set `field` to. Raises ScalarError.

    Whole numbers may come as text, since a reader that keeps `account_id: 012345678901` intact cannot know which digits
    are a number.
    """
    if field.enum_type is not None:
        return _enum(field.enum_type, value)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return _boolean(value)
    if field.cpp_type in _INTEGER_LIMITS:
        return _integer(field.cpp_type, value)
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return text(value)
    raise NotImplementedError(f"no document has a field like {field.full_name}")


def text(value: object) -> str:
    """Answers `value` when it is text; a number or true/false must be quoted to be one."""
    if isinstance(value, str):
        return value
    raise ScalarError(f"must be text, not {describe(value)}; if it is meant as text, put it in quotes")


def describe(value: object) -> str:
    """Names a value's kind in the words of a YAML or JSON author."""
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int | float):
        return f"the number {value}"
    return "nothing" if value is None else f'"{value}"'


def enum_words(enum: EnumDescriptor) -> list[str]:
    """The words that documents write for an enum's values: `PROFILE_SMALL` of `Profile` is `small`."""
    return [_word(enum, value.name) for value in enum.values if value.number != 0]


def _word(enum: EnumDescriptor, name: str) -> str:
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", enum.name).upper() + "_"
    return name.removeprefix(prefix).lower()


def _folded(word: str) -> str:
    """`NoSchedule`, `NO_SCHEDULE` and `no-schedule` are one word."""
    return re.sub(r"[^a-z0-9]", "", word.lower())


def _enum(enum: EnumDescriptor, value: object) -> int:
    words = enum_words(enum)
    if not isinstance(value, str):
        raise ScalarError(f"must be one of {', '.join(words)}, not {describe(value)}")
    known: dict[str, int] = {}
    for candidate in enum.values:
        if candidate.number != 0:
            known[_folded(_word(enum, candidate.name))] = candidate.number
            known[_folded(candidate.name)] = candidate.number
    for spelling in _spellings(_folded(value)):
        if spelling in known:
            return known[spelling]
    raise ScalarError(f'must be one of {", ".join(words)}, not "{value}"')


def _spellings(word: str) -> list[str]:
    spellings = [word, *(word.removeprefix(prefix) for prefix in _VENDOR_PREFIXES if word.startswith(prefix))]
    return spellings + [_OTHER_NAMES[s] for s in spellings if s in _OTHER_NAMES]


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise ScalarError(f"must be true or false, not {describe(value)}")


def _integer(cpp_type: int, value: object) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        value = int(value) if len(value) < 30 else 2**64
    if not isinstance(value, int) or isinstance(value, bool):
        raise ScalarError(f"must be a whole number, not {describe(value)}")
    low, high = _INTEGER_LIMITS[cpp_type]
    if not low <= value <= high:
        raise ScalarError(f"must be between {low} and {high}")
    return value
