"""Gathers what is wrong with a document, so that all of it is answered at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

from libs.failures import Actor, Failure, FieldViolation, Kind

INVALID = "DOCUMENT_INVALID"
NOT_SUPPORTED = "DOCUMENT_NOT_SUPPORTED"

_MOST_TOLD = 100
"""More violations than a person has made are no help, and would not fit into the trailers of an answer."""
_MOST_NAMED = 10


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

    def within(self, field: str, value: int, low: int, high: int) -> bool:
        """Note `field` unless `value` is between the bounds, both included; say whether it is."""
        if low <= value <= high:
            return True
        self.invalid(field, f"Is {value}: must be {low} to {high}.")
        return False

    def enum(self, field: str, value: int, choices: EnumTypeWrapper) -> bool:
        """Note an enum's value that the contract does not have; say whether it has it. 0 is "not said"."""
        if value in choices.values():
            return True
        names = ", ".join(name for name, number in choices.items() if number)
        self.invalid(field, f"{value} is not a value of the contract: use one of {names}.")
        return False

    def counted(self, field: str, values: Sequence[object], low: int, high: int, what: str) -> bool:
        """Note a list that is too short or too long; say whether its items are worth looking at."""
        if low <= len(values) <= high:
            return True
        limits = f"at most {high}" if low == 0 else f"{low} to {high}"
        self.invalid(field, f"Has {len(values)} {what}: give {limits}.")
        return len(values) < high

    def each(self, field: str, values: Sequence[str], pattern: re.Pattern[str], rule: str) -> bool:
        """Note each text of a list that has not the pattern, and each that is there twice; say whether all is well."""
        well = True
        for index, value in enumerate(values):
            well &= self.match(f"{field}[{index}]", value, pattern, rule)
            if value in values[:index]:
                self.invalid(f"{field}[{index}]", "Is there twice: leave it out.")
                well = False
        return well

    def pointless(self, field: str, said: object, why: str) -> None:
        """Note a field that is said, and that says nothing in this document."""
        if said:
            self.invalid(field, f"Says nothing {why}: leave it out.")

    def raise_if_any(self) -> None:
        """Raise DOCUMENT_INVALID, or DOCUMENT_NOT_SUPPORTED when nothing is wrong but what is not built."""
        if not self._found:
            return
        wrong = any(violation.reason == INVALID for violation in self._found)
        fields = list(dict.fromkeys(violation.field for violation in self._found))
        named = ", ".join(fields[:_MOST_NAMED])
        if len(fields) > _MOST_NAMED:
            named += f" and {len(fields) - _MOST_NAMED} more"
        what = "has fields that are missing or wrong" if wrong else "asks for what this release does not build"
        raise Failure(
            INVALID if wrong else NOT_SUPPORTED,
            f"The document {what}: {named}.",
            kind=Kind.INVALID_ARGUMENT,
            actor=Actor.CUSTOMER,
            remedy="Change each field as its violation says.",
            violations=self._found[:_MOST_TOLD],
        )


def quoted(key: str) -> str:
    """Answer a key as it stands in a path, cut to what a person reads."""
    return repr(key if len(key) <= 80 else f"{key[:80]}...")


def listed(values: Iterable[object]) -> str:
    """Answer values as a sentence has them."""
    return ", ".join(str(value) for value in values)
