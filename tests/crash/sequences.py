"""Random sequences of what people do and what dies, against a model of where an environment must end.

The model knows three things: whether the environment was ever asked for, what is wished last (absent, small, grown),
and that in the end a retry goes on until that is so. It knows nothing of workers, leases or states.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from dataclasses import dataclass, field
from enum import StrEnum

import grpc.aio

from tests.crash import truth
from tests.crash.lab import Lab
from tests.crash.lifecycle import GROWN
from tests.e2e.client import failure_of, state_of
from tests.e2e.customer import Customer

_names = itertools.count(1)
_PATIENCE = 240.0
# A cancel and a failure leave an environment as it is until somebody retries.
_RETRIES = 4


class Command(StrEnum):
    """What happens to an environment."""

    GROW = "grow"
    SHRINK = "shrink"
    DELETE = "delete"
    RETRY = "retry"
    CANCEL = "cancel"
    KILL = "kill"


class Wish(StrEnum):
    """What is wished of an environment."""

    ABSENT = "absent"
    SMALL = "small"
    GROWN = "grown"


@dataclass
class Model:
    """What is wished last, by the commands that were taken."""

    wish: Wish = Wish.SMALL

    def taken(self, command: Command) -> None:
        if command is Command.GROW:
            self.wish = Wish.GROWN
        elif command is Command.SHRINK:
            self.wish = Wish.SMALL
        elif command is Command.DELETE:
            self.wish = Wish.ABSENT


@dataclass
class Sequence:
    """One environment under one seed; `done` are the commands, for whoever has to repeat it."""

    lab: Lab
    customer: Customer
    chance: random.Random
    name: str
    model: Model = field(default_factory=Model)
    done: list[str] = field(default_factory=list)

    async def run(self, length: int) -> list[str]:
        """The faults at the end; none where the account is as the model says."""
        client = self.lab.client
        operation = (await client.create(self.name, self.customer.spec())).name
        uid = (await client.get(self.name)).uid
        for _ in range(length):
            await asyncio.sleep(self.chance.uniform(0.5, 6.0))
            command = self.chance.choice(list(Command))
            if command is Command.KILL:
                self.done.append("kill" if await self.lab.kill_worker_of(uid) else "kill nobody")
                continue
            try:
                operation = await self._command(command, operation)
            except grpc.aio.AioRpcError as error:
                # What the state of the moment does not allow is refused, and changes nothing.
                self.done.append(f"{command} refused ({error.code().name})")
                continue
            self.done.append(command.value)
            self.model.taken(command)
        ended = await self._at_rest(operation)
        wrong = ended or await self._faults(uid)
        return [f"{self.name} after {', '.join(self.done)}: {one}" for one in wrong]

    async def _command(self, command: Command, operation: str) -> str:
        """Answers the name of the operation that is the newest then."""
        client = self.lab.client
        match command:
            case Command.GROW:
                return (await client.update(self.name, {**self.customer.spec(), **GROWN})).name
            case Command.SHRINK:
                return (await client.update(self.name, self.customer.spec())).name
            case Command.DELETE:
                return (await client.delete(self.name)).name
            case Command.RETRY:
                return (await client.retry(self.name)).name
        await client.cancel(operation)
        return operation

    async def _at_rest(self, operation: str) -> list[str]:
        """Waits for the newest operation, and retries what was cancelled, as a person would."""
        wished = "DELETED" if self.model.wish is Wish.ABSENT else "ACTIVE"
        said = "nothing"
        for _ in range(_RETRIES):
            ended = await self.lab.client.wait(operation, _PATIENCE)
            state = state_of(await self.lab.client.get(self.name))
            if state == wished:
                return []
            said = failure_of(ended).message if ended.WhichOneof("result") == "error" and ended.error.details else state
            operation = (await self.lab.client.retry(self.name)).name
            self.done.append("(retry)")
        return [f"it does not become {wished}: {said}"]

    async def _faults(self, uid: str) -> list[str]:
        if self.model.wish is Wish.ABSENT:
            return await truth.destroyed(self.lab, self.customer, uid)
        return await truth.built(self.lab, self.customer, uid, grown=self.model.wish is Wish.GROWN)


async def one(lab: Lab, seed: int, length: int) -> list[str]:
    """A sequence of its own environment; the faults at its end."""
    chance = random.Random(seed)
    sequence = Sequence(lab, await lab.customer(), chance, f"sequence-{seed}-{next(_names)}")
    return await sequence.run(length)


async def several(lab: Lab, seed: int, count: int, length: int = 6) -> list[str]:
    """Sequences one after the other, each with a seed of its own."""
    wrong: list[str] = []
    for number in range(count):
        wrong += await one(lab, seed + number, length)
    return wrong
