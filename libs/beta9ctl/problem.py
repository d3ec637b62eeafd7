"""What a command tells a person when it cannot do its job, and the exit code that tells a script."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of every command. Part of the interface: scripts depend on them."""

    OK = 0
    OPERATION_FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    CONFLICT = 4
    UNAVAILABLE = 5
    CANCELLED = 6
    WAIT_TIMED_OUT = 7
    REFUSED = 8
    INTERRUPTED = 130


MEANINGS: dict[ExitCode, str] = {
    ExitCode.OK: "done",
    ExitCode.OPERATION_FAILED: "the operation that was waited for has failed",
    ExitCode.USAGE: "wrong arguments, or a document that is not valid",
    ExitCode.NOT_FOUND: "no such environment or operation",
    ExitCode.CONFLICT: "it exists already, or is in a state that forbids this",
    ExitCode.UNAVAILABLE: "the service could not be reached",
    ExitCode.CANCELLED: "the operation that was waited for was cancelled or superseded",
    ExitCode.WAIT_TIMED_OUT: "--timeout ran out; the operation goes on",
    ExitCode.REFUSED: "the service refused for another reason (permission, not supported, internal)",
    ExitCode.INTERRUPTED: "Ctrl-C; an operation that was waited for goes on",
}


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong with a document or a request.

    `path` is the field's path as the document writes it (`cluster.node_taints[0].effect`), empty for the whole.
    """

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


@dataclass
class Problem(Exception):
    """Ends a command: one sentence, and what is known about it.

    `facts` are further lines (label, text) in the order in which they are shown.
    """

    sentence: str
    exit_code: ExitCode
    reason: str = ""
    violations: tuple[Violation, ...] = ()
    remedy: str = ""
    facts: tuple[tuple[str, str], ...] = field(default=())

    def __str__(self) -> str:
        """The text for standard error, without a trailing line end."""
        reason = f" ({self.reason})" if self.reason else ""
        lines = [f"error: {self.sentence}{reason}"]
        lines += [f"  - {violation}" for violation in self.violations]
        lines += [f"  {label}: {text}" for label, text in self.facts if text]
        if self.remedy:
            lines.append(f"  remedy: {self.remedy}")
        return "\n".join(lines)
