"""Reads Terraform's `-json` lines (UI version 1.x; unknown kinds and fields are passed over)."""

import json
from collections.abc import Callable
from typing import Any, Literal

from services.infra_engine.terraform.events import (
    ChangeSummary,
    Diagnostic,
    Event,
    Line,
    Outputs,
    ResourceCompleted,
    ResourceDrifted,
    ResourceFailed,
    ResourcePlanned,
    ResourceProgress,
    ResourceStarted,
)


def parse_line(raw: str) -> Line:
    """Never fails: what is not Terraform's JSON is a line of text."""
    try:
        message = json.loads(raw)
    except ValueError:
        return Line(raw)
    if not isinstance(message, dict):
        return Line(raw)
    text = str(message.get("@message", raw))
    read = _READERS.get(str(message.get("type")))
    try:
        return Line(text, read(message) if read else None)
    except (KeyError, TypeError, ValueError, AttributeError):
        return Line(text)


def _planned(message: dict[str, Any]) -> Event:
    change = message["change"]
    return ResourcePlanned(change["resource"]["addr"], change["action"], change.get("reason", ""))


def _drifted(message: dict[str, Any]) -> Event:
    change = message["change"]
    return ResourceDrifted(change["resource"]["addr"], change["action"])


def _started(message: dict[str, Any]) -> Event:
    hook = message["hook"]
    return ResourceStarted(hook["resource"]["addr"], hook["action"], hook.get("id_value", ""))


def _progress(message: dict[str, Any]) -> Event:
    hook = message["hook"]
    return ResourceProgress(hook["resource"]["addr"], hook["action"], int(hook.get("elapsed_seconds", 0)))


def _completed(message: dict[str, Any]) -> Event:
    hook = message["hook"]
    return ResourceCompleted(
        hook["resource"]["addr"], hook["action"], int(hook.get("elapsed_seconds", 0)), hook.get("id_value", "")
    )


def _failed(message: dict[str, Any]) -> Event:
    hook = message["hook"]
    return ResourceFailed(hook["resource"]["addr"], hook["action"], int(hook.get("elapsed_seconds", 0)))


def _diagnostic(message: dict[str, Any]) -> Event:
    found = message["diagnostic"]
    severity: Literal["error", "warning"] = "error" if found["severity"] == "error" else "warning"
    return Diagnostic(severity, found["summary"], found.get("detail", ""), found.get("address", ""))


def _summary(message: dict[str, Any]) -> Event:
    changes = message["changes"]
    return ChangeSummary(
        changes["operation"],
        int(changes["add"]),
        int(changes["change"]),
        int(changes["remove"]),
        int(changes.get("import", 0)),
    )


def _outputs(message: dict[str, Any]) -> Event:
    outputs: dict[str, dict[str, Any]] = message["outputs"]
    return Outputs(
        {name: output.get("value") for name, output in outputs.items() if not output.get("sensitive", False)},
        frozenset(name for name, output in outputs.items() if output.get("action", "noop") != "noop"),
    )


_READERS: dict[str, Callable[[dict[str, Any]], Event]] = {
    "planned_change": _planned,
    "resource_drift": _drifted,
    "apply_start": _started,
    "apply_progress": _progress,
    "apply_complete": _completed,
    "apply_errored": _failed,
    "diagnostic": _diagnostic,
    "change_summary": _summary,
    "outputs": _outputs,
}
