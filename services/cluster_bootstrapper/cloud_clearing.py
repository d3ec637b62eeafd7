"""Waits until AWS has nothing left of a cluster, and deletes what has no owner any more. Standard library only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from libs.failures import Actor, Failure, Kind
from services.cluster_bootstrapper.ports import CloudLeftover, CloudLeftovers, Log
from services.cluster_bootstrapper.waiting import poll


@dataclass(frozen=True)
class DrainTimes:
    """Seconds: how long one kind of object may take, how long AWS may, and between two looks."""

    objects: float = 600
    cloud: float = 600
    interval: float = 2.0


async def clear_cloud(cloud: CloudLeftovers, log: Log, times: DrainTimes) -> list[str]:
    """Waits until AWS has nothing of the cluster any more; gives the ARNs of what had to be deleted here.

    The controllers get half of the time; what is left then has no owner to remove it any more, so what holds no
    data is deleted. Raises Failure `DRAIN_BLOCKED`.
    """
    removed: list[str] = []
    left = await _until_clear(cloud, log, times.cloud / 2, times.interval, None)
    if left:
        left = await _until_clear(cloud, log, times.cloud / 2, times.interval, removed)
    if left:
        raise blocked([str(item) for item in left], Actor.CUSTOMER, left[0].arn)
    return removed


async def _until_clear(
    cloud: CloudLeftovers, log: Log, seconds: float, interval: float, removed: list[str] | None
) -> list[CloudLeftover]:
    """What is left at the end; with `removed`, deletes in every round what may be deleted and notes it there."""
    left: list[CloudLeftover] = []
    told = ""

    async def look() -> bool | None:
        nonlocal left, told
        left = await cloud.find()
        line = f"AWS still has {len(left)} resources of the cluster: {', '.join(item.arn for item in left)}"
        if left and line != told:
            told = line
            await log(line)
        for item in left if removed is not None else ():
            if await cloud.remove(item) and removed is not None:
                await log(f"deleted {item.kind} {item.arn}, which its controller had left")
                removed.append(item.arn)
        return None if left else True

    await poll(look, seconds=seconds, interval=interval)
    return left


def blocked(blockers: Sequence[str], actor: Actor, address: str) -> Failure:
    """The failure that names what keeps a cluster from being drained."""
    return Failure(
        reason="DRAIN_BLOCKED",
        message=f"The cluster cannot be drained: {len(blockers)} left: {'; '.join(blockers)[:1500]}.",
        kind=Kind.FAILED_PRECONDITION,
        retryable=True,
        actor=actor,
        remedy="Do what is said of each of them, then retry the delete.",
        resource_address=address,
        metadata={"blockers": "\n".join(blockers)[:4000]},
    )
