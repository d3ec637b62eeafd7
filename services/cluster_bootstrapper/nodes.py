"""Waits until a cluster has the nodes that it should have. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

from libs.failures import Actor, Failure, Kind
from services.cluster_bootstrapper.ports import Json, Kube, Log
from services.cluster_bootstrapper.waiting import poll


@dataclass(frozen=True)
class NodeState:
    """A node's name, and why it is not ready ("" if it is)."""

    name: str
    trouble: str

    @property
    def ready(self) -> bool:
        return not self.trouble


async def wait_for_nodes(
    kube: Kube, wanted: int, log: Log, *, seconds: float = 900, interval: float = 2.0
) -> list[NodeState]:
    """The nodes once at least `wanted` of them are Ready; progress goes to `log` whenever it changes.

    An API that does not answer yet is waited for too. Raises Failure `NODES_NOT_READY` at the deadline, which
    names the nodes that are not ready and why, or the API's own failure if it never answered.
    """
    told = ""
    states: list[NodeState] | None = None
    silence: Failure | None = None

    async def look() -> list[NodeState] | None:
        nonlocal told, states, silence
        try:
            states = [node_state(item) for item in await kube.list("/api/v1/nodes")]
        except Failure as failure:
            if not failure.retryable:
                raise
            silence = failure
            return None
        ready = sum(state.ready for state in states)
        line = f"{ready} of {wanted} nodes are ready" + _list_of(states)
        if line != told:
            told = line
            await log(line)
        return states if ready >= wanted else None

    found = await poll(look, seconds=seconds, interval=interval)
    if found is not None:
        return found
    if states is None and silence is not None:
        raise silence
    raise _not_ready(states or [], wanted, seconds)


def node_state(node: Json) -> NodeState:
    """What the API says of a node, in one word or sentence."""
    name = str(node["metadata"]["name"])
    for condition in (node.get("status") or {}).get("conditions") or []:
        if condition.get("type") == "Ready":
            if condition.get("status") == "True":
                return NodeState(name, "")
            why = condition.get("message") or condition.get("reason") or "not ready"
            return NodeState(name, str(why))
    return NodeState(name, "has not reported yet")


def _list_of(states: list[NodeState]) -> str:
    waiting = [f"{state.name}: {state.trouble}" for state in states if not state.ready]
    return f" ({'; '.join(waiting)})" if waiting else ""


def _not_ready(states: list[NodeState], wanted: int, seconds: float) -> Failure:
    ready = sum(state.ready for state in states)
    missing = max(0, wanted - len(states))
    detail = _list_of(states) + (f"; {missing} have not joined" if missing else "")
    return Failure(
        reason="NODES_NOT_READY",
        message=f"Only {ready} of {wanted} nodes were ready after {seconds:.0f} s{detail}.",
        kind=Kind.DEADLINE_EXCEEDED,
        retryable=True,
        actor=Actor.CUSTOMER if missing else Actor.PLATFORM,
        remedy=(
            "See the node group's health issues in EKS (instance quota, capacity of the type, routes to the "
            "control plane), mend them, then retry."
        ),
        resource_address="nodes",
        metadata={
            "ready": str(ready),
            "wanted": str(wanted),
            "not_ready": ",".join(state.name for state in states if not state.ready),
        },
    )
