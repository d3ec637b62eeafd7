"""Reads the arguments of a synthesized stack's resources: what variables, states and found resources say of them.

References to anything else (functions, data sources that the state does not have) are not resolved: no resource is
known by such an argument.
"""

import re
from collections.abc import Mapping
from typing import Any

_PATH = r"[A-Za-z_][\w-]*(?:\.[\w-]+|\[\d+\])*"
_WHOLE = re.compile(rf"\$\{{({_PATH})\}}")
_INNER = re.compile(r"\$\{([^{}]*)\}")
_STEP = re.compile(r"\.?([A-Za-z0-9_-]+)|\[(\d+)\]")


class Unresolved(Exception):
    """What an argument refers to is not known, for it may not be there."""


class References:
    """Values by reference. `attributes` holds what is known of resources, by address, and grows with what is found."""

    def __init__(
        self,
        variables: Mapping[str, object],
        local_values: Mapping[str, object],
        attributes: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._variables = variables
        self._locals = local_values
        self.attributes: dict[str, Mapping[str, Any]] = dict(attributes)

    def resolve(self, value: object) -> Any:
        """The value of an argument. Raises Unresolved."""
        if isinstance(value, str):
            whole = _WHOLE.fullmatch(value)
            return self._reference(whole[1]) if whole else _INNER.sub(lambda found: self._text(found[1]), value)
        if isinstance(value, Mapping):
            return {key: self.resolve(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.resolve(one) for one in value]
        return value

    def _text(self, expression: str) -> str:
        if not re.fullmatch(_PATH, expression):
            raise Unresolved(expression)
        return str(self._reference(expression))

    def _reference(self, path: str) -> Any:
        steps: list[str | int] = [int(step[2]) if step[2] else step[1] for step in _STEP.finditer(path)]
        if steps[0] == "var":
            return _walk(self._variables, steps[1:], path)
        if steps[0] == "local":
            return _walk(self.resolve(self._locals.get(str(steps[1]))), steps[2:], path)
        of = 3 if steps[0] == "data" else 2
        known = self.attributes.get(".".join(str(step) for step in steps[:of]))
        value = _walk(known, steps[of:], path)
        if value is None:
            raise Unresolved(path)
        return value


def _walk(value: Any, steps: list[str | int], path: str) -> Any:
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            raise Unresolved(path) from None
    return value
