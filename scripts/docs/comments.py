"""What the comments of a proto file say of its messages and enums, read from its text.

Descriptors of generated code hold no comments, and the comments are where limits and defaults are written for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.proto.sources import PROTO

DOCUMENT = PROTO / "provisioning/environment/v1/environment_spec.proto"
ROOT = "EnvironmentSpec"

_BLOCK = re.compile(r"((?:^//[^\n]*\n)*)^(message|enum) (\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(
    r"((?:^  //[^\n]*\n)*)^  (?:(optional|repeated) )?(map<[^>]*>|\w+) (\w+) = \d+;", re.MULTILINE
)  # fmt: skip
_VALUE = re.compile(r"((?:^  //[^\n]*\n)*)^  (\w+) = (\d+);", re.MULTILINE)
# The sentences that a field's comment ends with; a sentence goes up to the next of them.
_PARTS = re.compile(r"(?:^|(?<=\. )|(?<=; ))(Required\b|Default: |Limits: |Change: |Refused )")


@dataclass(frozen=True)
class Field:
    """A field of the document. `what` is the first sentences; the rest is empty where the comment does not say it."""

    path: str
    kind: str
    repeated: bool
    what: str
    required: str
    default: str
    limits: str
    change: str


def enums(text: str) -> dict[str, dict[str, str]]:
    """What each value means, by enum and value, without the values that say nothing."""
    return {
        name: {value: _prose(comment) for comment, value, number in _VALUE.findall(body) if number != "0"}
        for _, kind, name, body in _BLOCK.findall(text)
        if kind == "enum"
    }


def fields(text: str) -> Iterator[Field]:
    """Every field that a document can have, by its path, in the order of the contract; items of a list under `[]`."""
    messages = {name: body for _, kind, name, body in _BLOCK.findall(text) if kind == "message"}
    yield from _fields(messages, ROOT, "")


def read() -> str:
    """The text of the document's contract."""
    return Path(DOCUMENT).read_text(encoding="utf-8")


def _fields(messages: dict[str, str], message: str, prefix: str) -> Iterator[Field]:
    for comment, label, kind, name in _FIELD.findall(messages[message]):
        path, repeated = f"{prefix}{name}", label == "repeated"
        yield _field(path, kind, repeated, _prose(comment))
        if kind in messages:
            yield from _fields(messages, kind, f"{path}[]." if repeated else f"{path}.")


def _field(path: str, kind: str, repeated: bool, prose: str) -> Field:
    what, *rest = _PARTS.split(prose)
    said = {"Required": "", "Default: ": "", "Limits: ": "", "Change: ": "", "Refused ": ""}
    for head, text in zip(rest[::2], rest[1::2], strict=True):
        said[head] = f"{head}{text}" if head in ("Required", "Refused ") else text
        said[head] = said[head].strip().rstrip(".;")
    limits = said["Limits: "] or said["Refused "].lower()
    return Field(path, kind, repeated, what.strip(), said["Required"], said["Default: "], limits, said["Change: "])


def _prose(comment: str) -> str:
    return " ".join(line.strip().removeprefix("//").strip() for line in comment.splitlines())
