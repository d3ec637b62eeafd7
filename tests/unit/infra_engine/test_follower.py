"""One run of Terraform becomes rows, events, log lines and spans, in the order that it is told in."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from google.protobuf.message import Message
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from provisioning.infra.v1.deployment_pb2 import Intent as IntentValue
from provisioning.infra.v1.deployment_pb2 import ResourceChangeState
from provisioning.infra.v1.events_pb2 import DeploymentPlanned, ResourceChanged
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.stages import Attempt, AttemptState, LeaseLost, StepContext
from libs.telemetry import traces
from services.infra_engine.changes import Change, ChangeState, Intent, KeptPlan, Progress
from services.infra_engine.follower import Follower
from services.infra_engine.repository import ChangeRepository
from services.infra_engine.stacks.definition import Milestone
from services.infra_engine.terraform import MilestoneTracker
from services.infra_engine.terraform.json_ui import parse_line

ATTEMPT = Attempt(
    id="op-1-deployment-1",
    workspace="acme",
    environment="workspaces/acme/environments/prod",
    uid="e1",
    operation="op-1",
    stage="deployment",
    number=1,
    request_type="",
    request="",
    state=AttemptState.RUNNING,
    step="apply",
    steps_done=(),
    data={},
    fence=1,
    stop_reason="",
    failure=None,
    traceparent="",
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    heartbeat_at=None,
    ended_at=None,
)
Work = Callable[[AsyncConnection], Awaitable[Any]]


class Sinks:
    """Where a follower's words go: the step's context and the rows, each of which can fail."""

    def __init__(self) -> None:
        self.attempt = ATTEMPT
        self.lines: list[str] = []
        self.events: list[Message] = []
        self.rows: dict[str, Change] = {}
        self.before: dict[str, int] = {}
        self.told: list[str] = []
        self.broken: Exception | None = None

    # The context's side.
    def log(self, text: str) -> None:
        self.lines.append(text)
        self.told.append(f"log {text}")

    async def write(self, work: Work) -> Any:
        return await work(cast(AsyncConnection, None))

    async def emit(self, message: Message, *, also: Work | None = None) -> None:
        if self.broken is not None:
            raise self.broken
        if also is not None:
            await also(cast(AsyncConnection, None))
        self.events.append(message)
        self.told.append(f"event {message.DESCRIPTOR.name}")

    # The repository's side.
    async def plan(self, connection: AsyncConnection, attempt: str, changes: Sequence[Change]) -> KeptPlan:
        start = max(self.before.values(), default=0)
        added = {one.address: start + place for place, one in enumerate(changes, start=1)}
        numbers = {**added, **self.before}
        self.told.append(f"row {attempt}: {len(changes)} planned")
        return KeptPlan(Progress(0, len(numbers)), numbers)

    async def update(self, connection: AsyncConnection, attempt: str, change: Change) -> None:
        self.rows[change.address] = change
        self.told.append(f"row {change.address} {change.state.value}")

    @property
    def changed(self) -> list[ResourceChanged]:
        return [event for event in self.events if isinstance(event, ResourceChanged)]


@pytest.fixture
def sinks() -> Sinks:
    return Sinks()


@pytest.fixture
def tracker() -> MilestoneTracker:
    return MilestoneTracker([Milestone("network", frozenset({"aws_vpc.v"}), frozenset())], [])


@pytest.fixture
def follower(sinks: Sinks, tracker: MilestoneTracker) -> Follower:
    return Follower(cast(StepContext, sinks), cast(ChangeRepository, sinks), tracker)


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    kept, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(traces, "_tracer", provider.get_tracer("test"))
    yield kept
    provider.shutdown()


def hook(kind: str, address: str, action: str, **more: object) -> Any:
    resource = {"addr": address}
    text = f"{address}: {kind} {action}"
    return parse_line(
        json.dumps({"type": kind, "@message": text, "hook": {"resource": resource, "action": action, **more}})
    )


def planned(address: str, action: str) -> Any:
    change = {"resource": {"addr": address}, "action": action}
    return parse_line(json.dumps({"type": "planned_change", "@message": f"{address}: {action}", "change": change}))


def error(address: str, summary: str, detail: str = "") -> Any:
    found = {"severity": "error", "summary": summary, "detail": detail, "address": address}
    return parse_line(json.dumps({"type": "diagnostic", "@message": f"Error: {summary}", "diagnostic": found}))


async def follow_plan(follower: Follower, **actions: str) -> None:
    for name, action in actions.items():
        follower.planned_line(planned(f"aws_vpc.{name}", action))
    await follower.planned()


async def test_only_what_changes_is_kept_of_a_plan_and_it_is_told_once_it_is_through(
    follower: Follower, sinks: Sinks
) -> None:
    actions = {"a": "create", "b": "no-op", "c": "replace", "d": "read", "e": "delete", "f": "update", "g": "move"}
    for name, action in actions.items():
        follower.planned_line(planned(f"aws_vpc.{name}", action))
    follower.planned_line(planned("aws_vpc.a", "create"))
    assert sinks.lines[0] == "aws_vpc.a: create" and not sinks.events

    await follower.planned()

    kept = {change.address[-1]: (change.intent.value, change.number) for change in follower.changes.values()}
    assert kept == {"a": ("CREATE", 1), "c": ("RECREATE", 2), "e": ("DELETE", 3), "f": ("UPDATE", 4)}
    assert [event.resources_planned for event in sinks.events if isinstance(event, DeploymentPlanned)] == [4]
    assert sinks.told[-2:] == ["row op-1-deployment-1: 4 planned", "event DeploymentPlanned"]


async def test_a_resource_is_told_from_its_start_to_its_end(
    follower: Follower, sinks: Sinks, tracker: MilestoneTracker, spans: InMemorySpanExporter
) -> None:
    await follow_plan(follower, v="create", w="create")
    sinks.told.clear()
    assert not await follower.applied_line(hook("apply_start", "aws_vpc.v", "create"))
    assert not await follower.applied_line(hook("apply_progress", "aws_vpc.v", "create", elapsed_seconds=10))
    assert not spans.get_finished_spans() and not tracker.newly_reached()
    assert await follower.applied_line(hook("apply_complete", "aws_vpc.v", "create", id_value="vpc-1"))

    assert sinks.told == [
        line
        for kind, state in (
            ("apply_start", "IN_PROGRESS"), ("apply_progress", "IN_PROGRESS"), ("apply_complete", "RECONCILED"),
        )
        for line in (f"log aws_vpc.v: {kind} create", f"row aws_vpc.v {state}", "event ResourceChanged")
    ]  # fmt: skip
    assert [(event.resources_done, event.resources_planned) for event in sinks.changed] == [(0, 2), (0, 2), (1, 2)]
    change = sinks.changed[-1].change
    assert change.name == "workspaces/acme/deployments/e1/revisions/op-1-deployment-1/resourceChanges/1"
    assert (change.resource_id, change.type, change.intent) == ("vpc-1", "aws_vpc", IntentValue.INTENT_CREATE)
    assert change.start_time == sinks.changed[0].change.start_time and change.HasField("end_time")
    assert not sinks.changed[1].change.HasField("end_time")
    assert [milestone.name for milestone in tracker.newly_reached()] == ["network"]
    (span,) = spans.get_finished_spans()
    assert span.name == "create aws_vpc.v" and span.status.is_ok
    assert span.attributes is not None and span.attributes["beta9.resource.id"] == "vpc-1"


@pytest.mark.parametrize("order", [("delete", "create"), ("create", "delete")])
async def test_a_replacement_takes_both_halves_in_the_order_that_the_resource_wants(
    follower: Follower, sinks: Sinks, order: tuple[str, str]
) -> None:
    ids = {"delete": "vpc-old", "create": "vpc-new"}
    await follow_plan(follower, v="replace")
    reached = []
    for action in order:
        started = {"id_value": ids[action]} if action == "delete" else {}
        await follower.applied_line(hook("apply_start", "aws_vpc.v", action, **started))
        done = hook("apply_complete", "aws_vpc.v", action, id_value=ids[action])
        reached.append(await follower.applied_line(done))
    assert reached == [False, True]
    assert [event.resources_done for event in sinks.changed] == [0, 0, 0, 1]
    row = sinks.rows["aws_vpc.v"]
    assert (row.state, row.resource_id) == (ChangeState.RECONCILED, "vpc-new")


async def test_a_failure_ends_when_it_happened_and_its_span_says_why(
    follower: Follower, sinks: Sinks, spans: InMemorySpanExporter
) -> None:
    await follow_plan(follower, v="create")
    await follower.applied_line(hook("apply_start", "aws_vpc.v", "create"))
    await follower.applied_line(hook("apply_errored", "aws_vpc.v", "create"))
    ended = sinks.rows["aws_vpc.v"].ended_at
    assert ended is not None and not spans.get_finished_spans(), "the error's text comes at the end"
    await follower.applied_line(error("aws_vpc.v", "creating VPC", "limit of 5"))
    follower.ended()

    row = sinks.rows["aws_vpc.v"]
    assert (row.state, row.error, row.ended_at) == (ChangeState.FAILED, "creating VPC limit of 5", ended)
    assert [event.change.state for event in sinks.changed][1:] == [
        ResourceChangeState.RESOURCE_CHANGE_STATE_FAILED,
        ResourceChangeState.RESOURCE_CHANGE_STATE_FAILED,
    ]
    (span,) = spans.get_finished_spans()
    assert span.status.description == "creating VPC limit of 5"
    assert span.end_time == int(ended.timestamp() * 1e9)


async def test_at_the_end_every_started_resource_has_its_span(follower: Follower, spans: InMemorySpanExporter) -> None:
    await follow_plan(follower, a="create", b="create", c="create", d="create")
    for name, kinds in {"a": ["start", "complete"], "b": ["start", "errored"], "c": ["start"]}.items():
        for kind in kinds:
            await follower.applied_line(hook(f"apply_{kind}", f"aws_vpc.{name}", "create"))
    follower.ended()
    follower.ended()
    told = {span.name[-1]: span.status.description for span in spans.get_finished_spans()}
    assert told == {"a": None, "b": "failed", "c": "the apply ended before it"}
    assert len(spans.get_finished_spans()) == 3


async def test_what_is_not_of_the_plan_is_said_and_nothing_more(follower: Follower, sinks: Sinks) -> None:
    await follow_plan(follower, v="create")
    sinks.told.clear()
    for line in (
        hook("apply_start", "data.aws_region.r", "read"),
        error("aws_vpc.other", "no"),
        error("", "no provider"),
        parse_line("panic: not JSON"),
        parse_line(""),
    ):
        assert not await follower.applied_line(line)
    assert sinks.told == [
        "log data.aws_region.r: apply_start read", "log Error: no", "log Error: no provider", "log panic: not JSON",
    ]  # fmt: skip
    assert not sinks.rows


async def test_a_worker_that_goes_on_counts_what_was_done_and_keeps_the_numbers(
    follower: Follower, sinks: Sinks
) -> None:
    sinks.before = {"aws_vpc.a": 1, "aws_vpc.b": 2, "aws_vpc.c": 3}
    await follow_plan(follower, c="create", d="create")
    await follower.applied_line(hook("apply_complete", "aws_vpc.c", "create"))
    await follower.applied_line(hook("apply_complete", "aws_vpc.d", "create"))
    assert [event.change.name.rpartition("/")[2] for event in sinks.changed] == ["3", "5"]
    assert [(event.resources_done, event.resources_planned) for event in sinks.changed] == [(3, 4), (4, 4)]


@pytest.mark.parametrize("broken", [LeaseLost("op-1-deployment-1"), ConnectionError("away")])
async def test_a_sink_that_fails_is_heard_at_the_line_that_it_happened_at(
    follower: Follower, sinks: Sinks, spans: InMemorySpanExporter, broken: Exception
) -> None:
    await follow_plan(follower, v="create")
    await follower.applied_line(hook("apply_start", "aws_vpc.v", "create"))
    sinks.broken = broken
    with pytest.raises(type(broken)):
        await follower.applied_line(hook("apply_complete", "aws_vpc.v", "create"))
    assert sinks.rows["aws_vpc.v"].state is ChangeState.IN_PROGRESS, "row and event are one transaction"
    with pytest.raises(type(broken)):
        await follower.planned()
    follower.ended()
    assert [span.status.is_ok for span in spans.get_finished_spans()] == [True], "it was made nevertheless"


def test_a_type_is_read_from_every_form_of_address() -> None:
    for address in (
        "aws_vpc.v", "aws_vpc.v[0]", 'aws_vpc.v["a.b"]', "module.m.aws_vpc.v", 'module.m["k.x"].aws_vpc.v["]"]',
        'module.m[1].aws_vpc.v["say \\"hi\\".now"]',
    ):  # fmt: skip
        assert Change(address, Intent.CREATE).type == "aws_vpc", address
