"""Reads a document's file, YAML or JSON, without losing what its author wrote."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import yaml

from libs.beta9ctl.document import Document, DocumentError, parse
from libs.beta9ctl.problem import ExitCode, Problem

_KEPT_RESOLVERS = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")


class _Reader(yaml.SafeLoader):
    """Knows true, false and null, and leaves all else as the text it is.

    A reader that makes numbers of digits turns `account_id: 012345678901` into another account and `version: 1.10`
    into 1.1; the contract's field says later which texts are numbers.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen and key.value != "<<":
                raise yaml.constructor.ConstructorError(
                    None, None, f'the key "{key.value}" is there twice', key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep=True)


_Reader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag in _KEPT_RESOLVERS]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(path: str) -> Document:
    """Answers the document in the file at `path`, or on standard input for "-". Raises Problem with every violation."""
    content = read(_text(path), path)
    try:
        return parse(content)
    except DocumentError as error:
        count = len(error.violations)
        raise Problem(
            f"{path} has {count} mistake{'s' if count > 1 else ''}; nothing was sent.",
            ExitCode.USAGE,
            reason="DOCUMENT_INVALID",
            violations=error.violations,
        ) from error


def read(text: str, path: str) -> object:
    """Answers what the text of a document holds: JSON when it starts with a brace, else YAML. Raises Problem."""
    try:
        if text.lstrip().startswith("{"):
            return json.loads(text, object_pairs_hook=_no_twins)
        return yaml.load(text, _Reader)
    except json.JSONDecodeError as error:
        raise _malformed(path, error.lineno, error.msg) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        raise _malformed(path, mark.line + 1 if mark else 0, reason) from error
    except _TwinKeyError as error:
        raise _malformed(path, 0, str(error)) from error


class _TwinKeyError(ValueError):
    pass


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) < len(pairs):
        keys = [key for key, _ in pairs]
        twin = next(key for key in keys if keys.count(key) > 1)
        raise _TwinKeyError(f'the key "{twin}" is there twice')
    return content


def _malformed(path: str, line: int, reason: str) -> Problem:
    place = f"{path}, line {line}," if line else path
    return Problem(f"{place} is neither YAML nor JSON that can be read: {reason}.", ExitCode.USAGE)


def _text(path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}.", ExitCode.USAGE) from error
    except UnicodeDecodeError as error:
        raise Problem(f"{path} is not UTF-8 text.", ExitCode.USAGE) from error
