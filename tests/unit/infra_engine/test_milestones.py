"""When a part of the stack counts as there."""

from services.infra_engine.stacks.definition import Milestone
from services.infra_engine.terraform import MilestoneTracker
from services.infra_engine.terraform.events import Event, ResourceCompleted, ResourceFailed, ResourcePlanned

CLUSTER = Milestone("cluster", frozenset({"aws_a.a", "aws_b.b"}), frozenset())
BACKENDS = Milestone("backends", frozenset({"aws_c.c"}), frozenset())


def run(tracker: MilestoneTracker, *events: Event) -> list[str]:
    reached: list[str] = []
    for event in events:
        tracker.observe(event)
        if not isinstance(event, ResourcePlanned):
            reached += [one.name for one in tracker.newly_reached()]
    return reached


def planned(*addresses: str, action: str = "create") -> list[Event]:
    return [ResourcePlanned(address, action) for address in addresses]


def done(address: str, action: str = "create") -> Event:
    return ResourceCompleted(address, action, 1)


def test_each_is_told_once_when_its_last_resource_is_there() -> None:
    tracker = MilestoneTracker((CLUSTER, BACKENDS), ())
    events = [
        *planned("aws_a.a", "aws_b.b", "aws_c.c"),
        done("aws_a.a"),
        done("aws_c.c"),
        done("aws_b.b"),
        done("aws_x.x"),
    ]
    assert run(tracker, *events) == ["backends", "cluster"]


def test_what_is_there_and_left_alone_counts_from_the_start() -> None:
    tracker = MilestoneTracker((CLUSTER, BACKENDS), ("aws_a.a", "aws_b.b"))
    for event in planned("aws_c.c"):
        tracker.observe(event)
    assert [one.name for one in tracker.newly_reached()] == ["cluster"]
    assert tracker.missing(BACKENDS) == {"aws_c.c"}


def test_what_the_plan_changes_counts_once_it_is_changed() -> None:
    for action in ("update", "replace"):
        tracker = MilestoneTracker((CLUSTER,), ("aws_a.a", "aws_b.b"))
        for event in planned("aws_b.b", action=action):
            tracker.observe(event)
        assert tracker.newly_reached() == []
        steps = [done("aws_b.b", "update")] if action == "update" else [done("aws_b.b", "delete"), done("aws_b.b")]
        assert run(tracker, *steps) == ["cluster"]


def test_a_failed_or_deleted_resource_holds_it_back() -> None:
    tracker = MilestoneTracker((BACKENDS,), ("aws_c.c",))
    assert run(tracker, *planned("aws_c.c", action="replace"), done("aws_c.c", "delete")) == []
    assert run(tracker, ResourceFailed("aws_c.c", "create", 3), done("aws_c.c", "read")) == []


def test_no_op_is_no_change() -> None:
    tracker = MilestoneTracker((BACKENDS,), ("aws_c.c",))
    for event in planned("aws_c.c", action="no-op"):
        tracker.observe(event)
    assert [one.name for one in tracker.newly_reached()] == ["backends"]
