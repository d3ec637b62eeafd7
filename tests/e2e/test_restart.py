"""Kill -9 of any one of our processes at every step boundary, started again: the environment still gets there.

By default one environment goes there and back with a process killed at each boundary, by a chance that E2E_SEED fixes.
E2E_RESTART=all sends environments until every process was killed at every boundary.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from libs.embedded.platform import Platform
from tests.e2e.client import Client, Operation, failure_of, state_of
from tests.e2e.customer import Customer
from tests.e2e.observing import PROCESSES, database, held_leases, programs_of, steps_begun, terraform_watched

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

BOUNDARIES = (
    ("preflight", "check_account"),
    *(("state_backend", step) for step in ("prove_access", "ensure_bucket", "record_backend")),
    *(
        ("deployment", step)
        for step in ("synthesize", "load_state", "init", "recover", "plan", "apply", "set_credentials", "read_outputs")
    ),
    ("baseline", "wait_for_nodes"),
    ("baseline", "ensure_storage_class"),
    *(("baseline", f"install_{chart}") for chart in ("nginx_ingress", "cert_manager", "metrics_server")),
    *(("beta9", step) for step in ("ensure_secrets", "install_beta9", "wait_for_gateway", "claim_admin_token")),
    ("beta9", "expose_gateway"),
    *(("drain", step) for step in ("drain_cluster", "release_secrets")),
    *(("destroy", step) for step in ("synthesize", "load_state", "init", "recover", "plan", "destroy")),
    ("destroy", "settle_workspace_buckets"),
    ("destroy", "verify_destroyed"),
    ("release", "release_backend"),
)
Pair = tuple[str, tuple[str, str]]
_ALL = os.environ.get("E2E_RESTART") == "all"
_ROUNDS = 60 if _ALL else 1


class Killer:
    """Kills one process at each boundary that it sees, preferring pairs that were not tried yet.

    It does not wait until the process is back: what it killed before may still be starting at the next boundary.
    """

    def __init__(self, platform: Platform, covered: set[Pair], chance: random.Random) -> None:
        self.platform = platform
        self.covered = covered
        self.chance = chance
        self.longest = (0.0, "nothing")

    async def run(self, uid: str, begun: asyncio.Queue[tuple[str, str, str]]) -> None:
        """Until it is cancelled."""
        since, told = time.monotonic(), ""
        while True:
            whose, *at = await begun.get()
            if whose != uid:
                continue
            self.longest = max(self.longest, (time.monotonic() - since, told))
            step = (at[0], at[1])
            victim = self._victim(step)
            if victim is not None:
                await self.platform.kill(victim, signal.SIGKILL)
                self.covered.add((victim, step))
            since, told = time.monotonic(), f"{'/'.join(step)}, {victim or 'nobody'} killed"

    def _victim(self, step: tuple[str, str]) -> str | None:
        up = [name for name, pid in self.platform.processes.items() if name in PROCESSES and pid is not None]
        fresh = [name for name in up if (name, step) not in self.covered]
        return self.chance.choice(fresh) if fresh else None


def table(covered: set[Pair]) -> str:
    """The pairs covered, a line a boundary."""
    lines = [f"  {'boundary':<34}killed there"]
    for step in BOUNDARIES:
        killed = [name for name in PROCESSES if (name, step) in covered]
        lines.append(f"  {'/'.join(step):<34}{len(killed)}/{len(PROCESSES)}  {' '.join(killed)}")
    return "\n".join(lines)


async def walked(killer: Killer, client: Client, customer: Customer, name: str) -> None:
    """One environment there and back under the killer's hand; everything that must hold of it does."""
    platform = killer.platform
    async with steps_begun(platform) as begun:
        operation = await client.create(name, customer.spec())
        uid = (await client.get(name)).uid
        await _survived(killer, client, operation, uid, begun)
        assert state_of(await client.get(name)) == "ACTIVE"
        held = await customer.inventory()
        clusters = [arn for arn in held["eks:resource"] if ":cluster/" in arn]
        groups = [arn for arn in held["eks:resource"] if ":nodegroup/" in arn]
        assert (len(clusters), len(groups), len(held["iam:oidc-provider"])) == (1, 1, 1), held
        assert len(held["s3:bucket"]) == 2, held  # the state's and Beta9's own
        await _settled(platform)

        await _survived(killer, client, await client.delete(name), uid, begun)
    assert state_of(await client.get(name)) == "DELETED"
    left = await customer.inventory()
    assert set(left) <= {"s3:bucket"} and len(left["s3:bucket"]) == 1, left
    await _settled(platform)


async def _survived(
    killer: Killer, client: Client, operation: Operation, uid: str, begun: asyncio.Queue[tuple[str, str, str]]
) -> None:
    """The operation succeeds under the killer's hand, and all processes are there again."""
    killing = asyncio.create_task(killer.run(uid, begun))
    try:
        ended = await client.wait(operation.name, 400)
        assert ended.WhichOneof("result") == "response", failure_of(ended)
    finally:
        await _still(killing)
    for process in PROCESSES:
        await killer.platform.wait_ready(process)


async def _still(killing: asyncio.Task[None]) -> None:
    """End the killer; whatever it stumbled over is told."""
    killing.cancel()
    with suppress(asyncio.CancelledError):
        await killing


async def _settled(platform: Platform, seconds: float = 15) -> None:
    """No lease is held, and no Terraform or Helm runs, within the time that a lease may outlive its run."""
    ends = time.monotonic() + seconds
    async with database(platform) as connection:
        while True:
            leases = await held_leases(connection)
            running = [one for one in programs_of(platform) if one.name != "node"]
            if not leases and not running:
                return
            assert time.monotonic() < ends, (leases, running)
            await asyncio.sleep(0.1)


@pytest.mark.timeout(7200 if _ALL else 600)
async def test_kill_at_every_boundary(
    small: Platform,
    client: Client,
    account: Callable[[], Customer],
    record_property: Callable[[str, object], None],
) -> None:
    seed = int(os.environ.get("E2E_SEED", "20261124"))
    covered: set[Pair] = set()
    wanted = {(process, step) for process in PROCESSES for step in BOUNDARIES}
    killer = Killer(small, covered, random.Random(seed))
    external_id = await client.external_id()
    try:
        async with terraform_watched(small) as sampler:
            for number in range(_ROUNDS):
                customer = account()
                await customer.onboard(external_id)
                await walked(killer, client, customer, f"restart-{number}")
                if wanted <= covered:
                    break
            assert sampler.samples, "no Terraform was ever seen: the sampler is blind"
    finally:
        told = (
            f"killed (seed {seed}):",
            table(covered),
            f"  {len(covered & wanted)} of {len(wanted)} pairs",
            f"  longest step: {killer.longest[0]:.1f} s, {killer.longest[1]}",
        )
        record_property("told", "\n".join(told))
    assert covered <= wanted, covered - wanted
    assert len({step for _, step in covered}) >= len(BOUNDARIES) * 2 // 3
    assert not _ALL or wanted <= covered, wanted - covered
