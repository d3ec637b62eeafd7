"""Checks a synthesized stack before Terraform sees it: providers, types, and every reference.

Strings are code to Terraform, so whatever is not one of the forms that our own constructs write ends the synthesis.
"""

import re
import string
from collections.abc import Iterator

from services.infra_engine.stacks.definition import StackDefinition

_BLOCKS = {"terraform", "provider", "variable", "locals", "data", "resource", "output"}
_FORBIDDEN_ARGUMENTS = {"provisioner", "connection"}
_FUNCTIONS = {"lookup", "trimprefix", "zipmap"}

_NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
_STEP = rf"(?:\.{_NAME}|\[[0-9]+\])"
# A string holds no quote, no escape and no template.
_TOKEN = re.compile(rf'(?P<reference>{_NAME}(?:{_STEP})+)|(?P<call>{_NAME})\(|(?P<text>"[^"\\$%{{}}]*")|(?P<list>\[)')
_TEMPLATE = re.compile(r"\$\{([^{}]*)\}")
_DEPTH = 4
_BEGINNINGS = frozenset(string.ascii_letters + "_")


class NotAllowed(Exception):
    """The stack holds something that it must not; `where` is its place in the JSON."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"The synthesized stack is not allowed at {where}: {what}.")
        self.where = where
        self.what = what


def check(config: dict[str, object], definition: StackDefinition) -> None:
    """Raises `NotAllowed` at the first thing that the definition does not admit."""
    if unknown := set(config) - _BLOCKS:
        raise NotAllowed("the top", f"the block {min(unknown)!r}")
    _check_providers(config)
    _check_types(config, "resource", definition.resource_types)
    _check_types(config, "data", definition.data_types)
    declared = _declared(config)
    for where, text in _strings(config, ""):
        _check_text(where, text, declared)


def _mapping(value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise NotAllowed(where, "a block that is not an object")
    return value


def _check_providers(config: dict[str, object]) -> None:
    terraform = _mapping(config.get("terraform", {}), "terraform")
    if unknown := set(terraform) - {"required_providers", "required_version"}:
        raise NotAllowed("terraform", f"the setting {min(unknown)!r}")
    required = _mapping(terraform.get("required_providers", {}), "terraform.required_providers")
    for name, provider in required.items():
        source = _mapping(provider, f"terraform.required_providers.{name}").get("source")
        if (name, source) != ("aws", "hashicorp/aws"):
            raise NotAllowed("terraform.required_providers", f"the provider {source!r}")
    for name in _mapping(config.get("provider", {}), "provider"):
        if name != "aws":
            raise NotAllowed("provider", f"the provider {name!r}")


def _check_types(config: dict[str, object], block: str, allowed: frozenset[str]) -> None:
    of_type = _mapping(config.get(block, {}), block)
    if unknown := set(of_type) - allowed:
        raise NotAllowed(block, f"the type {min(unknown)!r}")
    for kind, named in of_type.items():
        for name, body in _mapping(named, f"{block}.{kind}").items():
            where = f"{block}.{kind}.{name}"
            if forbidden := _FORBIDDEN_ARGUMENTS & set(_mapping(body, where)):
                raise NotAllowed(where, f"the argument {min(forbidden)!r}")


def _declared(config: dict[str, object]) -> frozenset[str]:
    """What may be referred to: `var.x`, `local.x`, `type.name`, `data.type.name`."""
    found = {f"var.{name}" for name in _mapping(config.get("variable", {}), "variable")}
    found |= {f"local.{name}" for name in _mapping(config.get("locals", {}), "locals")}
    for block, prefix in (("resource", ""), ("data", "data.")):
        for kind, named in _mapping(config.get(block, {}), block).items():
            found |= {f"{prefix}{kind}.{name}" for name in _mapping(named, f"{block}.{kind}")}
    return frozenset(found)


def _strings(value: object, where: str) -> Iterator[tuple[str, str]]:
    """Every string with its place; keys too, because Terraform evaluates them in places."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            place = f"{where}.{key}" if where else str(key)
            yield place, str(key)
            yield from _strings(inner, place)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _strings(inner, f"{where}[{index}]")


def _check_text(where: str, text: str, declared: frozenset[str]) -> None:
    if "%{" in text:
        raise NotAllowed(where, "a template directive")
    rest = _TEMPLATE.sub("", text)
    if "${" in rest:
        raise NotAllowed(where, "a nested or unfinished expression")
    for expression in _TEMPLATE.findall(text):
        for reference in _references(expression, where):
            parts = re.split(r"[.\[]", reference)
            length = {"var": 2, "local": 2, "data": 3}.get(parts[0], 2)
            if ".".join(parts[:length]) not in declared:
                raise NotAllowed(where, f"a reference to {reference!r}, which is not in the stack")


def _references(expression: str, where: str) -> list[str]:
    """The references of an expression, which is one reference, or a call of an allowed function: its arguments are
    references, plain strings, and lists and calls of these."""
    found: list[str] = []
    end = _term(expression, 0, where, found, 0)
    if end != len(expression) or not found or expression[0] not in _BEGINNINGS:
        raise NotAllowed(where, f"the expression {expression!r}")
    return found


def _term(expression: str, at: int, where: str, found: list[str], depth: int) -> int:
    token = _TOKEN.match(expression, at)
    if token is None or depth > _DEPTH:
        raise NotAllowed(where, f"the expression {expression!r}")
    if token["reference"]:
        found.append(token["reference"])
        return token.end()
    if token["text"]:
        return token.end()
    if token["call"] and token["call"] not in _FUNCTIONS:
        raise NotAllowed(where, f"the function {token['call']!r}")
    close = ")" if token["call"] else "]"
    end = _term(expression, token.end(), where, found, depth + 1)
    while expression.startswith(", ", end):
        end = _term(expression, end + 2, where, found, depth + 1)
    if not expression.startswith(close, end):
        raise NotAllowed(where, f"the expression {expression!r}")
    return end + 1
