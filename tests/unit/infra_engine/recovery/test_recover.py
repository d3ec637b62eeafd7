"""When AWS is asked at all."""

from types import SimpleNamespace
from typing import Any

import pytest

from libs.aws_access import AwsAccess
from libs.failures import Failure, Kind
from services.infra_engine.recovery import Recovery, recover
from services.infra_engine.terraform import StateSnapshot

ACCESS = AwsAccess("123456789012", "us-east-1", "arn:aws:iam::123456789012:role/Role", "external")
STATE = StateSnapshot("lineage", 7, b'{"resources": []}')


class Asked(Exception):
    """AWS was asked."""


def run_of(last: Any, state: StateSnapshot | None = STATE) -> Any:
    async def last_begun(uid: str) -> Any:
        return last

    async def begin(folder: object) -> StateSnapshot:
        return STATE

    return SimpleNamespace(
        context=SimpleNamespace(attempt=SimpleNamespace(uid="u", id="new"), log=lambda text: None),
        repository=SimpleNamespace(last_begun=last_begun),
        shipper=SimpleNamespace(begin=begin),
        state=state,
        folder=None,
        synthesized="of the new one",
    )


def attempt(settled: object) -> Any:
    return SimpleNamespace(id="old", data={"apply_begun": "old", "apply_settled": settled})


@pytest.fixture
def looked_for(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The stacks that were looked for."""
    found: list[object] = []

    async def settled(self: Recovery, run: Any, stack: object, *which: object) -> Any:
        found.append(stack)
        raise Asked

    monkeypatch.setattr(recover.Recovery, "_settled", settled)
    return found


def recovery(failure: Failure | None = None) -> Recovery:
    async def synthesized(attempt: object) -> Any:
        if failure is not None:
            raise failure
        return "of the old one"

    return Recovery(ACCESS, synthesized, path_style=False)


async def test_without_an_apply_before_it_nothing_is_asked(looked_for: list[object]) -> None:
    await recovery().recover(run_of(None))
    assert not await recovery().look_again(run_of(None))
    assert looked_for == []


async def test_the_state_that_a_whole_apply_left_needs_nothing(looked_for: list[object]) -> None:
    await recovery().recover(run_of(attempt(STATE.mark())))
    assert looked_for == []


@pytest.mark.parametrize("settled", [None, ["lineage", 8], ["another", 7]])
async def test_any_other_state_is_recovered_by_the_stack_that_was_broken(
    looked_for: list[object], settled: object
) -> None:
    with pytest.raises(Asked):
        await recovery().recover(run_of(attempt(settled)))
    assert looked_for == ["of the old one"]


async def test_a_lost_state_is_recovered_though_the_last_apply_was_whole(looked_for: list[object]) -> None:
    with pytest.raises(Asked):
        await recovery().recover(run_of(attempt(STATE.mark()), state=None))


async def test_a_document_that_cannot_be_built_any_more_keeps_nobody_from_a_destroy(looked_for: list[object]) -> None:
    failure = Failure("DOCUMENT_NOT_BUILDABLE", "no", kind=Kind.INVALID_ARGUMENT)
    with pytest.raises(Asked):
        await recovery(failure).recover(run_of(attempt(None)))
    assert looked_for == ["of the new one"]
