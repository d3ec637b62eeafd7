"""Whose turn it is, with several workers on one database."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from libs.persistence import Database
from libs.stages import Attempt, AttemptRepository, FairQueue, Limits

from .conftest import METADATA, TABLES


class Rows:
    """Attempts in a fresh schema."""

    def __init__(self, repository: AttemptRepository) -> None:
        self.repository = repository

    async def add(self, name: str, account: str, uid: str = "") -> Attempt:
        async with self.repository.database.transaction() as connection:
            await self.repository.insert(
                connection,
                id=name,
                workspace="w",
                environment=f"workspaces/w/environments/{name}",
                uid=uid or name,
                operation=name,
                stage="deployment",
                number=1,
                request_type="t",
                request="{}",
                state="REQUESTED",
                account=account,
            )
        found = await self.repository.find(name)
        assert found is not None
        return found

    async def names(self, queue: FairQueue, limit: int = 100) -> list[str]:
        return [attempt.id for attempt in await queue.due(limit=limit)]

    def queue(self, account_runs: int = 0, runs: int = 0) -> FairQueue:
        return FairQueue(self.repository, Limits(account_runs, runs, stale_seconds=60))


@pytest.fixture
async def rows(postgres_url: str) -> AsyncIterator[Rows]:
    database = Database(postgres_url, pool_size=10)
    async with database.transaction() as connection:
        await connection.run_sync(METADATA.create_all)
    yield Rows(AttemptRepository(database, TABLES))
    await database.close()


async def test_accounts_take_turns(rows: Rows) -> None:
    for number in range(4):
        await rows.add(f"a{number}", "111")
    await rows.add("b0", "222")
    await rows.add("c0", "333")
    await rows.add("b1", "222")

    assert await rows.names(rows.queue()) == ["a0", "b0", "c0", "a1", "b1", "a2", "a3"]


async def test_who_has_runs_comes_behind_who_has_none(rows: Rows) -> None:
    queue = rows.queue()
    attempts = [await rows.add(f"a{number}", "111") for number in range(3)]
    for fence, attempt in enumerate(attempts[:2], 1):
        assert await queue.claim(attempt, fence=fence, holder="w") is not None
    await rows.add("b0", "222")
    await rows.add("b1", "222")

    assert await rows.names(queue) == ["b0", "b1", "a2"]


async def test_an_account_has_no_more_than_its_runs(rows: Rows) -> None:
    queue = rows.queue(account_runs=2)
    attempts = [await rows.add(f"a{number}", "111") for number in range(4)]
    await rows.add("b0", "222")
    assert await rows.names(queue) == ["a0", "b0", "a1"]

    claimed = [await queue.claim(attempt, fence=1, holder="w") for attempt in attempts]
    assert [one is not None for one in claimed] == [True, True, False, False]
    assert await rows.names(queue) == ["b0"]
    standing = await queue.standing(attempts[2])
    assert standing.waiting_for == "one of the 2 runs that account 111 may have at once"
    assert standing.position == 2

    await rows.repository.unclaim("a0", 1)
    assert await rows.names(queue) == ["b0", "a0"], "a run that was let go of waits again, as the oldest"


async def test_requests_without_an_account_are_not_counted(rows: Rows) -> None:
    queue = rows.queue(account_runs=1)
    attempts = [await rows.add(f"n{number}", "") for number in range(3)]
    for attempt in attempts:
        assert await queue.claim(attempt, fence=1, holder="w") is not None


async def test_the_limit_of_all_holds_over_accounts_and_is_told(rows: Rows) -> None:
    queue = rows.queue(runs=1)
    first, second = await rows.add("a0", "111"), await rows.add("b0", "222")
    assert await queue.claim(first, fence=1, holder="w") is not None
    assert await queue.claim(second, fence=1, holder="w") is None
    assert await rows.names(queue) == []
    standing = await queue.standing(second)
    assert (standing.position, standing.waiting_for) == (1, "one of the 1 runs that the platform may have at once")
    assert (await queue.standing((await rows.repository.find("a0")) or first)).position == 0


async def test_a_claim_whose_answer_was_lost_is_found_when_it_is_made_again(rows: Rows) -> None:
    queue = rows.queue(account_runs=1, runs=1)
    attempt = await rows.add("a", "111")
    assert await queue.claim(attempt, fence=1, holder="w") is not None

    assert await queue.claim(attempt, fence=1, holder="w") is not None
    assert await queue.claim(attempt, fence=2, holder="v") is None


async def test_an_attempt_behind_its_own_environments_run_says_so(rows: Rows) -> None:
    queue = rows.queue()
    first, second = await rows.add("a0", "111", uid="e"), await rows.add("a1", "111", uid="e")
    assert (await queue.standing(second)).waiting_for == "a free worker, behind 1 before it"
    assert await queue.claim(first, fence=1, holder="w") is not None
    assert (await queue.standing(second)).waiting_for == "the environment's run before it to end"


async def test_a_reason_that_a_worker_noted_is_told_until_it_is_taken_up(rows: Rows) -> None:
    queue = rows.queue()
    attempt = await rows.add("a0", "111")
    await queue.mark([attempt], "1024 MiB of free memory")
    assert (await queue.standing(attempt)).waiting_for == "a free worker"
    marked = await rows.repository.find("a0")
    assert marked is not None
    assert (await queue.standing(marked)).waiting_for == "1024 MiB of free memory"
    claimed = await queue.claim(marked, fence=1, holder="w")
    assert claimed is not None and claimed.waiting_for == ""


async def test_many_workers_at_once_never_pass_a_limit_and_starve_nobody(rows: Rows) -> None:
    """Twelve workers grab and end runs of four accounts, one of which asks for far more than the others."""
    accounts = {"111": 24, "222": 3, "333": 3, "444": 3}
    for account, wanted in accounts.items():
        for number in range(wanted):
            await rows.add(f"{account}-{number}", account)
    running: dict[str, set[str]] = {account: set() for account in accounts}
    finished: list[str] = []
    fences = iter(range(1, 100_000))
    passed: list[str] = []

    async def work(seed: int) -> None:
        chance = random.Random(seed)
        queue = rows.queue(account_runs=2, runs=5)
        while len(finished) < sum(accounts.values()):
            for attempt in await queue.due(limit=3):
                if await queue.claim(attempt, fence=next(fences), holder=f"w{seed}") is None:
                    continue
                running[attempt.account].add(attempt.id)
                if len(running[attempt.account]) > 2 or sum(map(len, running.values())) > 5:
                    passed.append(attempt.id)
                await asyncio.sleep(chance.uniform(0, 0.01))
                running[attempt.account].discard(attempt.id)
                finished.append(attempt.id)
                async with rows.repository.database.transaction() as connection:
                    await connection.execute(
                        TABLES.attempts.update().where(TABLES.attempts.c.id == attempt.id).values(state="SUCCEEDED")
                    )
                break
            else:
                await asyncio.sleep(0.005)

    async with asyncio.timeout(60):
        await asyncio.gather(*(work(seed) for seed in range(6)))
    assert passed == []
    assert sorted(finished) == sorted(set(finished)), "nothing ran twice"
    # The small accounts' nine are among the first runs, though the large one asked before them.
    small = [place for place, name in enumerate(finished) if not name.startswith("111")]
    assert max(small) < 20
