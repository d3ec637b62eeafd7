"""`env trace`: from an environment's name to a picture of what its operations did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

NAME = "workspaces/default/environments/dev"
CREATE, DELETE = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b700f067aa0ba902b7"


def _line(trace_id: str, span_id: str, name: str, parent: str | None = None, links: tuple[str, ...] = ()) -> str:
    return json.dumps(
        {
            "name": name,
            "context": {"trace_id": f"0x{trace_id}", "span_id": f"0x{span_id}"},
            "parent_id": f"0x{parent}" if parent else None,
            "start_time": "2026-11-24T05:36:36.000000Z",
            "end_time": "2026-11-24T05:36:38.500000Z",
            "status": {"status_code": "UNSET"},
            "attributes": {},
            "links": [{"context": {"trace_id": f"0x{link}", "span_id": "0x1"}, "attributes": {}} for link in links],
            "resource": {"attributes": {"service.name": name.split()[0]}},
        }
    )


@pytest.fixture(autouse=True)
def spans_dir(registry: Any, make: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two operations: a create, and a delete linked to it whose spans are in two files."""
    environment = make.active()
    environment.operation = "workspaces/default/operations/op-2"
    registry.environments[NAME] = environment
    for number, trace_id in ((2, DELETE), (1, CREATE)):
        operation = make.succeeded(environment, f"op-{number}", verb="VERB_DELETE" if number == 2 else "VERB_CREATE")
        metadata = make.metadata(verb=number if number == 1 else 3, trace_id=trace_id)
        metadata.create_time.FromSeconds(1_800_000_000 + number)
        operation.metadata.Pack(metadata)
        registry.operations[operation.name] = operation
    (tmp_path / "registry.jsonl").write_text(
        _line(CREATE, "1", "operation create") + "\n" + _line(DELETE, "2", "operation delete", links=(CREATE,)) + "\n"
    )
    (tmp_path / "engine.jsonl").write_text(_line(DELETE, "3", "destroy run", parent="2") + "\n")
    monkeypatch.setenv("PROVISIONING_SPANS_DIR", str(tmp_path))
    return tmp_path


async def test_the_newest_operation_is_drawn_joined_over_processes(ctl: Any) -> None:
    done = await ctl("env", "trace", "dev", "--width", "80")

    lines = done.out.splitlines()
    assert done.code == 0
    assert lines[0] == "delete of dev, operation op-2"
    assert lines[1] == f"trace {DELETE}: 2.5s, 2 spans of 2 services"
    assert lines[2] == f"linked to {CREATE}"
    assert lines[4].startswith("operation delete ") and lines[5].startswith("  destroy run ")


async def test_all_operations_are_drawn_oldest_first(ctl: Any) -> None:
    done = await ctl("env", "trace", "dev", "--all", "--width", "80")

    heads = [text for text in done.out.splitlines() if ", operation " in text]
    assert heads == ["create of dev, operation op-1", "delete of dev, operation op-2"]


async def test_one_operation_can_be_named(ctl: Any) -> None:
    done = await ctl("env", "trace", "dev", "--operation", "op-1", "-o", "json")

    assert [span["name"] for span in json.loads(done.out)] == ["operation create"]


async def test_spans_that_are_elsewhere_are_missed_with_a_remedy(ctl: Any, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()

    done = await ctl("env", "trace", "dev", "--spans-dir", str(empty))

    assert done.code == 3
    assert DELETE in done.err and "--spans-dir" in done.err and "OTLP" in done.err
