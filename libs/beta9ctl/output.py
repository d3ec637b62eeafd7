"""Prints results on standard output as a person or a script asked for them (`-o table|json|yaml`)."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message


def as_data(message: Message) -> dict[str, Any]:
    """The message in canonical proto JSON, as every gRPC tool and our events write it."""
    data: dict[str, Any] = json_format.MessageToDict(message)
    return data


def emit(form: str, data: Any, table: str) -> None:
    """Prints `data` as JSON or YAML, or `table` when `form` is "table"."""
    if form == "json":
        text = json.dumps(data, indent=2, ensure_ascii=False)
    elif form == "yaml":
        import yaml

        text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True).rstrip("\n")
    else:
        text = table
    if text:
        print(text)


def emit_line(form: str, data: Any, line: str) -> None:
    """Prints one item of a stream at once: a line of JSON, a YAML document, or `line`."""
    if form == "json":
        line = json.dumps(data, ensure_ascii=False)
    elif form == "yaml":
        import yaml

        line = "---\n" + yaml.safe_dump(data, sort_keys=False, allow_unicode=True).rstrip("\n")
    print(line, flush=True)


def columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table with a head, its columns two spaces apart and no wider than needed."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in [head, *rows]
    )


def pairs(rows: Sequence[tuple[str, str]]) -> str:
    """Labels and values, the values under each other; rows without a value are left out."""
    shown = [(label, value) for label, value in rows if value]
    width = max((len(label) for label, _ in shown), default=0)
    return "\n".join(f"{label.ljust(width)}  {value}".rstrip() for label, value in shown)


def say(sentence: str) -> None:
    """Tells a person something on standard error, so that it is never part of a result."""
    print(sentence, file=sys.stderr, flush=True)
