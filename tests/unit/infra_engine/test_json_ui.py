"""Terraform's JSON lines, as Terraform 1.11 wrote them."""

import json
from typing import Any

import pytest

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
from services.infra_engine.terraform.json_ui import parse_line

RESOURCE = {
    "addr": "aws_vpc.vpc",
    "module": "",
    "resource": "aws_vpc.vpc",
    "implied_provider": "aws",
    "resource_type": "aws_vpc",
    "resource_name": "vpc",
    "resource_key": None,
}


def line(kind: str, **content: Any) -> str:
    return json.dumps({"@level": "info", "@message": "m", "@module": "terraform.ui", "type": kind, **content})


@pytest.mark.parametrize(
    ("raw", "event"),
    [
        (
            line("planned_change", change={"resource": RESOURCE, "action": "create"}),
            ResourcePlanned("aws_vpc.vpc", "create"),
        ),
        (
            line("planned_change", change={"resource": RESOURCE, "action": "replace", "reason": "tainted"}),
            ResourcePlanned("aws_vpc.vpc", "replace", "tainted"),
        ),
        (
            line("resource_drift", change={"resource": RESOURCE, "action": "update"}),
            ResourceDrifted("aws_vpc.vpc", "update"),
        ),
        (
            line("apply_start", hook={"resource": RESOURCE, "action": "create"}),
            ResourceStarted("aws_vpc.vpc", "create"),
        ),
        (
            line("apply_start", hook={"resource": RESOURCE, "action": "delete", "id_key": "id", "id_value": "vpc-1"}),
            ResourceStarted("aws_vpc.vpc", "delete", "vpc-1"),
        ),
        (
            line("apply_progress", hook={"resource": RESOURCE, "action": "create", "elapsed_seconds": 10}),
            ResourceProgress("aws_vpc.vpc", "create", 10),
        ),
        (
            line(
                "apply_complete",
                hook={
                    "resource": RESOURCE,
                    "action": "create",
                    "id_key": "id",
                    "id_value": "vpc-1",
                    "elapsed_seconds": 11,
                },
            ),
            ResourceCompleted("aws_vpc.vpc", "create", 11, "vpc-1"),
        ),
        (
            line("apply_errored", hook={"resource": RESOURCE, "action": "create", "elapsed_seconds": 2}),
            ResourceFailed("aws_vpc.vpc", "create", 2),
        ),
        (
            line(
                "diagnostic", diagnostic={"severity": "error", "summary": "s", "detail": "d", "address": "aws_vpc.vpc"}
            ),
            Diagnostic("error", "s", "d", "aws_vpc.vpc"),
        ),
        (
            line("diagnostic", diagnostic={"severity": "warning", "summary": "s", "detail": ""}),
            Diagnostic("warning", "s", ""),
        ),
        (
            line("change_summary", changes={"add": 60, "change": 1, "import": 2, "remove": 3, "operation": "plan"}),
            ChangeSummary("plan", 60, 1, 3, 2),
        ),
        (
            line(
                "outputs",
                outputs={
                    "vpc_id": {"sensitive": False, "type": "string", "value": "vpc-1"},
                    "password": {"sensitive": True, "type": "string", "value": "never"},
                },
            ),
            Outputs({"vpc_id": "vpc-1"}),
        ),
        (
            line("outputs", outputs={"a": {"sensitive": False, "action": "update"}, "b": {"action": "noop"}}),
            Outputs({"a": None, "b": None}, frozenset({"a"})),
        ),
    ],
)
def test_each_kind_becomes_its_fact(raw: str, event: Event) -> None:
    assert parse_line(raw) == Line("m", event)


@pytest.mark.parametrize(
    "raw",
    [
        line("version", terraform="1.11.4", ui="1.2"),
        line("a_kind_of_tomorrow"),
        line("apply_complete"),
        line("apply_complete", hook={"resource": {}}),
        line("planned_change", change=None),
        line("change_summary", changes={"operation": "plan", "add": "many"}),
    ],
)
def test_unknown_and_odd_lines_are_text(raw: str) -> None:
    assert parse_line(raw) == Line("m")


@pytest.mark.parametrize("raw", ["", "panic: runtime error", "[1]", '"x"', "{", "null"])
def test_what_is_not_json_is_text(raw: str) -> None:
    assert parse_line(raw) == Line(raw)
