"""A proxy between the platform and the AWS API: it knows whose each call is, counts Terraform's, and can hold one.

A held call is either never sent on (`BEFORE`: AWS has not heard of it) or sent on and its reply kept (`AFTER`: AWS has
done it and nobody knows). Whoever waits for the trap kills what he wants to kill; the caller never gets an answer.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qs

from tests.crash.messages import Request, action_of, forward, read_request

_KEY = re.compile(r"Credential=([^/]+)/")
_SIGNED_FOR = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")
_GIVEN = re.compile(rb"<AccessKeyId>([^<]+)</AccessKeyId>")
# A caller that does not hang up after the kill is cut off.
_LONGEST_HOLD = 30.0


class When(StrEnum):
    """On which side of AWS a call is held."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True)
class Call:
    """One call of Terraform in an account: its number since `begin`, from 1, and which one of that action it was.

    Resources are made side by side, so that numbers change from run to run; the `nth` of an action is always there.
    """

    number: int
    action: str
    nth: int

    def __str__(self) -> str:
        return f"{self.action}#{self.nth}"


@dataclass
class Trap:
    """A call to be held: the `nth` of an action since `begin`. `sprung` is done once it is."""

    action: str
    nth: int
    when: When
    spring: Callable[[], Awaitable[None]]
    sprung: asyncio.Future[Call] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class AwsProxy:
    """Use it as `async with AwsProxy(host, port) as proxy`; `proxy.url` is the endpoint to give to the platform."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._keys: dict[str, str] = {}
        self._calls: dict[str, list[Call]] = {}
        self._traps: dict[str, Trap] = {}
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self.url = ""

    async def __aenter__(self) -> AwsProxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def begin(self, account: str) -> None:
        """Count an account's calls from 1 again; a trap that was not sprung is taken away."""
        self._calls[account] = []
        self._traps.pop(account, None)

    def calls(self, account: str) -> list[Call]:
        """Terraform's calls in the account since `begin`."""
        return self._calls.get(account, [])

    def arm(self, account: str, trap: Trap) -> None:
        """Hold a call in an account; the trap's `spring` is awaited while it is held."""
        self._traps[account] = trap

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            while (request := await read_request(reader, writer)) is not None:
                answer = await self._answer(request, reader)
                if answer is None:
                    return
                writer.write(answer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return  # either side hung up, or the proxy ends
        finally:
            self._serving.discard(task)
            writer.transport.abort()

    async def _answer(self, request: Request, reader: asyncio.StreamReader) -> bytes | None:
        """The reply to hand back, or None for a call that was held until its caller had gone."""
        account = self._account_of(request)
        trap = self._count(account, request) if account and request.by_terraform else None
        held = self._calls[account][-1] if trap is not None else None
        if trap is None or trap.when is When.AFTER:
            answer = await forward(request, self._upstream)
            self._learn(account, answer)
        if trap is None:
            return answer
        await trap.spring()
        assert held is not None
        trap.sprung.set_result(held)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_HOLD):
                await reader.read(1)
        return None

    def _count(self, account: str, request: Request) -> Trap | None:
        calls = self._calls.setdefault(account, [])
        signed_for = _SIGNED_FOR.search(request.header("authorization"))
        service = signed_for[1] if signed_for else "?"
        action = f"{service}:{action_of(service, request)}"
        calls.append(Call(len(calls) + 1, action, 1 + sum(call.action == action for call in calls)))
        trap = self._traps.get(account)
        if trap is None or (trap.action, trap.nth) != (action, calls[-1].nth):
            return None
        return self._traps.pop(account)

    def _account_of(self, request: Request) -> str:
        """By the key that signed it; of a call that asks for a role's keys, by the role."""
        role = parse_qs(request.form()).get("RoleArn", [""])[0]
        if role:
            return role.split(":")[4]
        key = _KEY.search(request.header("authorization"))
        return self._keys.get(key[1], "") if key else ""

    def _learn(self, account: str, answer: bytes) -> None:
        given = _GIVEN.search(answer) if account and b"AssumeRole" in answer else None
        if given:
            self._keys[given[1].decode()] = account
