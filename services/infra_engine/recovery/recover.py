"""`Recovery`: the step between a run that may have been broken and the next plan."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from libs.aws_access import AwsAccess
from libs.failures import Actor, Failure, Kind
from libs.stages import Attempt
from libs.telemetry import span
from services.infra_engine.recovery.account import Account
from services.infra_engine.recovery.adopting import adopt
from services.infra_engine.recovery.adoption import Adoption, adoption_of
from services.infra_engine.recovery.kinds import Found
from services.infra_engine.recovery.search import Search
from services.infra_engine.recovery.table import is_unnamed
from services.infra_engine.synthesis import Synthesized

if TYPE_CHECKING:
    from services.infra_engine.engine_run import EngineRun

_POLL_SECONDS = 5.0
# The longest that AWS takes for anything of a stack, a large database, with a margin.
_LONGEST_WAIT_SECONDS = 5400.0


class Recovery:
    """Of one environment. `synthesized` gives the stack of any attempt of it."""

    def __init__(
        self, access: AwsAccess, synthesized: Callable[[Attempt], Awaitable[Synthesized]], *, path_style: bool
    ) -> None:
        self._access = access
        self._synthesized = synthesized
        self._path_style = path_style

    async def recover(self, run: "EngineRun") -> None:
        """Makes the run's state say what AWS has of it, and ships it.

        Asks AWS nothing when no apply was ever begun, or the state is the one that the last apply left whole. What is
        looked for is the stack of the attempt that was broken, which need not be this one's: what this one's document
        does not have any more is then deleted by its plan. Idempotent. Raises Failure.
        """
        broken = await run.repository.last_begun(run.context.attempt.uid)
        if broken is None or (run.state is not None and broken.data.get("apply_settled") == run.state.mark()):
            return
        await self._recover(run, broken)

    async def look_again(self, run: "EngineRun") -> bool:
        """After a destroy: adopts what there is twice, since an answer of AWS was lost and the call was made again.

        True when something was, which is then to be destroyed. AWS may tell for a while of what was just deleted, so
        that only what is still there a while later counts. Raises Failure.
        """
        begun = await run.repository.last_begun(run.context.attempt.uid)
        if begun is None or run.state is None:
            return False
        stack = await self._stack_of(run, begun)
        for pause in (0.0, _POLL_SECONDS, 2 * _POLL_SECONDS):
            await asyncio.sleep(pause)
            adoption = await self._settled(run, stack, is_unnamed)
            if not adoption.imports:
                return False
        await adopt(run, stack, adoption, self._access)
        return True

    async def _recover(self, run: "EngineRun", broken: Attempt) -> None:
        if run.state is None:
            run.state = await run.shipper.begin(run.folder)
        stack = await self._stack_of(run, broken)
        with span("look for what was left", attributes={"beta9.attempt.broken": broken.id}):
            adoption = await self._settled(run, stack)
        if adoption.imports or adoption.untaint or adoption.failed:
            await adopt(run, stack, adoption, self._access)

    async def _stack_of(self, run: "EngineRun", attempt: Attempt) -> Synthesized:
        """An attempt's stack; this run's own where a later release does not build it any more."""
        if attempt.id == run.context.attempt.id:
            return run.synthesized
        try:
            return await self._synthesized(attempt)
        except Failure as failure:
            if failure.kind is not Kind.INVALID_ARGUMENT:
                raise
            run.context.log(f"the document of {attempt.id} cannot be built any more: the present one is looked for")
            return run.synthesized

    async def _settled(
        self, run: "EngineRun", stack: Synthesized, which: Callable[[str], bool] = lambda address: True
    ) -> Adoption:
        """What is there, once AWS is done with all of it."""
        context, clock = run.context, asyncio.get_running_loop().time
        account = await asyncio.to_thread(Account, self._access, context.attempt.uid, s3_path_style=self._path_style)
        until = clock() + _LONGEST_WAIT_SECONDS
        told: tuple[str, ...] = ()
        while True:
            assert run.state is not None
            search = Search(stack.main_tf_json, stack.variables, run.state.document(), account)
            found: Mapping[str, Found] = await asyncio.to_thread(search.run, which)
            adoption = adoption_of(found, search.tainted())
            if not adoption.pending:
                for kind in search.not_looked_for:
                    context.log(f"nothing of the type {kind} is looked for: it has no finder")
                return adoption
            if clock() > until:
                raise _not_settled(adoption.pending)
            if told != adoption.pending:
                told = adoption.pending
                context.log(f"AWS is still at {', '.join(told)}: waiting for it")
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL_SECONDS):
                    await context.stopping()
            context.checkpoint()
            account.forget()


def _not_settled(addresses: tuple[str, ...]) -> Failure:
    return Failure(
        "AWS_TIMEOUT",
        f"AWS is still at {', '.join(addresses)}, which a broken run left.",
        kind=Kind.DEADLINE_EXCEEDED,
        retryable=True,
        actor=Actor.CLOUD_PROVIDER,
        remedy="Look at the resource in AWS; retry once it has settled.",
        resource_address=addresses[0],
    )
