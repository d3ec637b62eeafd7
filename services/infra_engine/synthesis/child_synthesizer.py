"""Synthesis in a child that is started on demand and ended when idle."""

import asyncio
import hashlib
import json
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from libs.processes import CannotStart, Child, allowed_environment, spawn
from services.infra_engine.stacks.definition import StackDefinition, StackRegistry
from services.infra_engine.stacks.stack_input import StackInput
from services.infra_engine.synthesis.allowed import NotAllowed, check
from services.infra_engine.synthesis.node import find_node
from services.infra_engine.synthesis.normalize import normalize, to_bytes
from services.infra_engine.synthesis.port import SynthesisFailed, Synthesized, SynthesizerUnavailable
from services.infra_engine.synthesis.scratch import scratch_folder

_ROOT = Path(__file__).resolve().parents[3]
_ATTEMPTS = 2
# jsii never forgets an object: Node grows from 160 to 220 MB on the way.
_LIFETIME = 200


class _ChildDied(Exception):
    pass


class ChildSynthesizer:
    """The `Synthesizer` of production.

    One synthesis at a time. The child starts with the first one, is started again if it died, and ends `idle_seconds`
    after the last. `aclose` must be called at the end.
    """

    def __init__(self, registry: StackRegistry | None = None, *, idle_seconds: float = 60.0) -> None:
        self._registry = registry or StackRegistry()
        self._idle_seconds = idle_seconds
        self._lock = asyncio.Lock()
        self._child: Child | None = None
        self._resources: AsyncExitStack | None = None
        self._idle: asyncio.Task[None] | None = None
        self._node: str | None = None
        self._answered = 0

    async def synthesize(self, stack_input: StackInput) -> Synthesized:
        definition = self._registry.get(stack_input.stack)
        variables = definition.variables(stack_input)
        config = normalize(await self._config(definition, stack_input))
        try:
            check(config, definition)
        except NotAllowed as error:
            raise SynthesisFailed(str(error)) from error
        main = to_bytes(config)
        return Synthesized(
            main_tf_json=main,
            variables=variables,
            stack_version=f"{definition.name}-{hashlib.sha256(main).hexdigest()[:12]}",
            secrets=definition.secrets,
            milestones=definition.milestones(definition.shape(stack_input)),
        )

    async def aclose(self) -> None:
        """Ends the child. Idempotent."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        async with self._lock:
            await self._end_child()

    @property
    def running(self) -> bool:
        """Whether there is a child now."""
        return self._child is not None

    async def _config(self, definition: StackDefinition, stack_input: StackInput) -> dict[str, object]:
        request = json.dumps({"build": definition.build, "shape": dict(definition.shape(stack_input))})
        async with self._lock:
            if self._idle is not None:
                self._idle.cancel()
            try:
                answer = await self._answer(request)
            except BaseException:
                # Cancelled or broken: an answer may still come that the next request must not take for its own.
                await self._end_child()
                raise
            self._answered += 1
            if self._answered >= _LIFETIME:
                await self._end_child()
            else:
                self._idle = asyncio.create_task(self._end_when_idle())
        if "error" in answer:
            raise SynthesisFailed(f"The stack {definition.name!r} could not be built: {answer['error']}")
        config = answer["config"]
        assert isinstance(config, dict)
        return config

    async def _answer(self, request: str) -> dict[str, object]:
        for attempt in range(1, _ATTEMPTS + 1):
            child = self._child or await self._start()
            try:
                return await _ask(child, request)
            except _ChildDied as error:
                said = child.stderr_tail()[-500:]
                await self._end_child()
                if attempt == _ATTEMPTS:
                    raise SynthesizerUnavailable(
                        f"The synthesis child died {attempt} times: {said or 'it said nothing'}"
                    ) from error
        raise AssertionError("unreachable")

    async def _start(self) -> Child:
        environment = allowed_environment(("JSII_NODE", "XDG_CACHE_HOME"))
        self._node = self._node or await find_node(environment)
        async with AsyncExitStack() as resources:
            # jsii unpacks itself into a temporary folder and forgets it when it is killed.
            scratch = resources.enter_context(scratch_folder())
            environment |= {
                "JSII_NODE": self._node,
                "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
                "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
                "TMPDIR": str(scratch),
            }
            # -O leaves out the bindings' argument checks, which take as long as the synthesis; tests run with them.
            argv = [sys.executable, "-O", "-m", "services.infra_engine.synthesis.child"]
            try:
                child = await resources.enter_async_context(spawn(argv, env=environment, cwd=_ROOT, stdin=True))
            except CannotStart as error:
                raise SynthesizerUnavailable(str(error)) from error
            self._child, self._resources, self._answered = child, resources.pop_all(), 0
        return child

    async def _end_child(self) -> None:
        self._child = None
        resources, self._resources = self._resources, None
        if resources is not None:
            await resources.aclose()

    async def _end_when_idle(self) -> None:
        await asyncio.sleep(self._idle_seconds)
        async with self._lock:
            await self._end_child()


async def _ask(child: Child, request: str) -> dict[str, object]:
    try:
        child.stdin.write(request.encode() + b"\n")
        await child.stdin.drain()
    except (BrokenPipeError, ConnectionResetError) as error:
        raise _ChildDied from error
    line = await child.read_line()
    if line is None:
        raise _ChildDied
    answer: dict[str, object] = json.loads(line)
    return answer
