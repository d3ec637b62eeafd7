"""Gathers what is wrong with a document, so that all of it is answered at once."""

from __future__ import annotations

import re
from collections.abc import Iterable

from libs.failures import Actor, Failure, FieldViolation, Kind

INVALID = "DOCUMENT_INVALID"
NOT_SUPPORTED = "DOCUMENT_NOT_SUPPORTED"


class Findings:
    """Violations of one document; each names its field by path and says the remedy."""

    def __init__(self) -> None:
        self._found: list[FieldViolation] = []

    def invalid(self, field: str, description: str) -> None:
        """Note a field that is wrong in itself."""
        self._found.append(FieldViolation(field, description, INVALID))

    def unsupported(self, field: str, description: str) -> None:
        """Note a field that the contract allows and this release does not build."""
        self._found.append(FieldViolation(field, description, NOT_SUPPORTED))

    def match(self, field: str, value: str, pattern: re.Pattern[str], rule: str) -> bool:
        """Note `field` unless `value` is there and has the pattern; say whether it has."""
        if not value:
            self.invalid(field, f"Is missing: give {rule}.")
        elif pattern.fullmatch(value) is None:
            self.invalid(field, f"Must be {rule}.")
        else:
            return True
        return False

    def within(self, field: str, value: int, low: int, high: int) -> None:
        """Note `field` unless `value` is between the bounds, both included."""
        if not low <= value <= high:
            self.invalid(field, f"Is {value}: must be {low} to {high}.")

    def choice(self, field: str, value: int, known: Iterable[int], supported: Iterable[int], names: str) -> None:
        """Note an enum's value that the contract does not have, or that this release does not build."""
        if value not in known:
            self.invalid(field, f"{value} is not a value of the contract: use {names}.")
        elif value not in supported:
            self.unsupported(field, f"Is not built by this release: use {names}.")

    def raise_if_any(self) -> None:
        """Raise DOCUMENT_INVALID, or DOCUMENT_NOT_SUPPORTED when nothing is wrong but what is not built."""
        if not self._found:
            return
        wrong = any(violation.reason == INVALID for violation in self._found)
        fields = ", ".join(dict.fromkeys(violation.field for violation in self._found))
        what = "has fields that are missing or wrong" if wrong else "asks for what this release does not build"
        raise Failure(
            INVALID if wrong else NOT_SUPPORTED,
            f"The document {what}: {fields}.",
            kind=Kind.INVALID_ARGUMENT,
            actor=Actor.CUSTOMER,
            remedy="Change each field as its violation says.",
            violations=self._found,
        )
