"""Conditions of policy statements.

Understood: the String, Numeric, Date, Bool, Arn, IpAddress and Null operators with `IfExists`, `ForAnyValue:`
and `ForAllValues:`, over whatever context the call brings. A key that the context lacks does not hold for the
positive operators and holds for the negated ones, as on AWS. An operator that is not known does not hold.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

Context = Mapping[str, tuple[str, ...]]
"""Values of condition keys by name in lower case."""


def matches(pattern: str, value: str) -> bool:
    """Whether `value` is what the pattern says; `*` and `?` alone have a meaning."""
    # Greedy with one step back to the last star: linear in memory, and `[` stays a letter.
    at, star, mark, place = 0, -1, 0, 0
    while place < len(value):
        if at < len(pattern) and pattern[at] == "*":
            star, mark, at = at, place, at + 1
        elif at < len(pattern) and pattern[at] in ("?", value[place]):
            at, place = at + 1, place + 1
        elif star >= 0:
            mark += 1
            at, place = star + 1, mark
        else:
            return False
    return all(letter == "*" for letter in pattern[at:])


def context_of(values: Mapping[str, str | Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """A context from plain names and values."""
    return {name.lower(): (found,) if isinstance(found, str) else tuple(found) for name, found in values.items()}


def holds(condition: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Whether every operator of a statement's condition holds."""
    return all(
        _holds(operator, _found(context, key), [_text(value) for value in listed(wanted)])
        for operator, keys in condition.items()
        for key, wanted in keys.items()
    )


def missing(condition: Mapping[str, Mapping[str, Any]], context: Context) -> set[str]:
    """The condition keys that the context says nothing about."""
    return {key for keys in condition.values() for key in keys if _found(context, key) is None}


def listed(value: Any) -> list[Any]:
    """The value as a list, as policies may write either."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _found(context: Context, key: str) -> tuple[str, ...] | None:
    return context.get(key.lower())


def _holds(operator: str, actual: tuple[str, ...] | None, wanted: list[str]) -> bool:
    if operator == "Null":
        return (actual is None) == (wanted[:1] == ["true"])
    quantifier, _, rest = operator.rpartition(":")
    base = rest.removesuffix("IfExists")
    known = _OPERATORS.get(base)
    if known is None:
        return False
    compare, negated = known
    if not actual:
        return rest.endswith("IfExists") or quantifier == "ForAllValues" or (negated and not quantifier)
    single = [any(_safe(compare, value, one) for one in wanted) != negated for value in actual]
    return any(single) if quantifier == "ForAnyValue" else all(single)


def _safe(compare: Callable[[str, str], bool], actual: str, wanted: str) -> bool:
    try:
        return compare(actual, wanted)
    except ValueError:
        return False


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _day(text: str) -> float:
    if text.isdigit():
        return float(text)
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def _arn_like(actual: str, wanted: str) -> bool:
    parts, patterns = actual.split(":", 5), wanted.split(":", 5)
    return len(parts) == len(patterns) and all(map(matches, patterns, parts))


_OPERATORS: dict[str, tuple[Callable[[str, str], bool], bool]] = {
    "StringEquals": (lambda a, w: a == w, False),
    "StringNotEquals": (lambda a, w: a == w, True),
    "StringEqualsIgnoreCase": (lambda a, w: a.lower() == w.lower(), False),
    "StringNotEqualsIgnoreCase": (lambda a, w: a.lower() == w.lower(), True),
    "StringLike": (lambda a, w: matches(w, a), False),
    "StringNotLike": (lambda a, w: matches(w, a), True),
    "ArnEquals": (_arn_like, False),
    "ArnLike": (_arn_like, False),
    "ArnNotEquals": (_arn_like, True),
    "ArnNotLike": (_arn_like, True),
    "Bool": (lambda a, w: a.lower() == w.lower(), False),
    "NumericEquals": (lambda a, w: float(a) == float(w), False),
    "NumericNotEquals": (lambda a, w: float(a) == float(w), True),
    "NumericLessThan": (lambda a, w: float(a) < float(w), False),
    "NumericLessThanEquals": (lambda a, w: float(a) <= float(w), False),
    "NumericGreaterThan": (lambda a, w: float(a) > float(w), False),
    "NumericGreaterThanEquals": (lambda a, w: float(a) >= float(w), False),
    "DateLessThan": (lambda a, w: _day(a) < _day(w), False),
    "DateLessThanEquals": (lambda a, w: _day(a) <= _day(w), False),
    "DateGreaterThan": (lambda a, w: _day(a) > _day(w), False),
    "DateGreaterThanEquals": (lambda a, w: _day(a) >= _day(w), False),
    "IpAddress": (lambda a, w: ipaddress.ip_address(a) in ipaddress.ip_network(w, strict=False), False),
    "NotIpAddress": (lambda a, w: ipaddress.ip_address(a) in ipaddress.ip_network(w, strict=False), True),
}
