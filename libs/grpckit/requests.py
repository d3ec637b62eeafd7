"""What every servicer does with a request: names, times, what is not there yet."""

import re
from datetime import datetime
from functools import cache

from google.protobuf.timestamp_pb2 import Timestamp

from libs.failures import Actor, Failure, FieldViolation, Kind


def parse_name(pattern: str, name: str, field: str) -> dict[str, str]:
    """The segments of a resource name, such as `workspaces/{workspace}`, by their names.

    Raises Failure (NAME_INVALID), which names `field`, when the name has another form.
    """
    match = _compiled(pattern).fullmatch(name)
    if match is None:
        what = f"must have the form {pattern}"
        raise Failure(
            "NAME_INVALID",
            f"{field} {what}.",
            kind=Kind.INVALID_ARGUMENT,
            actor=Actor.CUSTOMER,
            remedy="Ids are 1 to 63 characters of a-z, 0-9 and hyphen.",
            violations=[FieldViolation(field, what, "NAME_INVALID")],
        )
    return match.groupdict()


def timestamp(moment: datetime | None) -> Timestamp | None:
    """A datetime as protobuf; None stays None, which leaves a field unset."""
    if moment is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


def unimplemented(reason: str, method: str) -> Failure:
    """What a method answers that this release does not have yet."""
    return Failure(
        reason,
        f"{method} is not in this release.",
        kind=Kind.UNIMPLEMENTED,
        actor=Actor.PLATFORM,
        remedy="Use a later release of the platform; CHANGELOG.md says what each has.",
    )


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[a-z0-9-]{1,63})", pattern))
