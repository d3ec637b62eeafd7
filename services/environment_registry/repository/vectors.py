"""The vector of stage states as JSON, and back. Missing fields take their defaults."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.environment_registry.lifecycle import Course, Entry, Stage, StageState, Vector


def vector_to_json(vector: Vector) -> dict[str, Any]:
    """Answer the JSON of a vector."""
    return {
        "course": vector.course.value,
        "absent_wished": vector.absent_wished,
        "operation": vector.operation,
        "cluster_available": vector.cluster_available,
        "backends_available": vector.backends_available,
        "cluster_seen": vector.cluster_seen,
        "was_active": vector.was_active,
        "updating": vector.updating,
        "undo_if_failed": vector.undo_if_failed,
        "undoing": vector.undoing,
        "first_failed": vector.first_failed.value if vector.first_failed else None,
        "entries": {stage.value: _entry_to_json(entry) for stage, entry in vector.entries.items()},
    }


def vector_from_json(data: dict[str, Any]) -> Vector:
    """Answer the vector of its JSON."""
    first_failed = data.get("first_failed")
    return Vector(
        course=Course(data["course"]),
        absent_wished=data.get("absent_wished", False),
        operation=data.get("operation", ""),
        cluster_available=data.get("cluster_available", False),
        backends_available=data.get("backends_available", False),
        cluster_seen=data.get("cluster_seen", False),
        # Before there were updates, what had been active said so by its course alone.
        was_active=data.get("was_active", data["course"] == Course.ACTIVE),
        updating=data.get("updating", False),
        undo_if_failed=data.get("undo_if_failed", False),
        undoing=data.get("undoing", False),
        first_failed=Stage(first_failed) if first_failed else None,
        entries={Stage(key): _entry_from_json(entry) for key, entry in data.get("entries", {}).items()},
    )


def _entry_to_json(entry: Entry) -> dict[str, Any]:
    return {
        "state": entry.state.value,
        "attempt": entry.attempt,
        "operation": entry.operation,
        "step": entry.step,
        "stopping": entry.stopping,
        "asked_at": _written(entry.asked_at),
        "changed_at": _written(entry.changed_at),
        "ended_at": _written(entry.ended_at),
        "retries": entry.retries,
        "queue_position": entry.queue_position,
        "waiting_for": entry.waiting_for,
    }


def _entry_from_json(data: dict[str, Any]) -> Entry:
    return Entry(
        state=StageState(data["state"]),
        attempt=data["attempt"],
        operation=data["operation"],
        step=data.get("step", ""),
        stopping=data.get("stopping", False),
        asked_at=_read(data.get("asked_at")),
        changed_at=_read(data.get("changed_at")),
        ended_at=_read(data.get("ended_at")),
        retries=data.get("retries", 0),
        queue_position=data.get("queue_position", 0),
        waiting_for=data.get("waiting_for", ""),
    )


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None
