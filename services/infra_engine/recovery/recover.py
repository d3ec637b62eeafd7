"""`Recovery`: the step between a run that may have been broken and the next plan."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from libs.aws_access import AwsAccess
from libs.aws_access.errors import aws_failure
from libs.failures import Actor, Failure, Kind
from libs.stages import Attempt
from libs.telemetry import span
from services.infra_engine.recovery.account import Account
from services.infra_engine.recovery.adoption import Adoption, adoption_of
from services.infra_engine.recovery.kinds import Found
from services.infra_engine.recovery.search import Search
from services.infra_engine.recovery.table import defaults_of, is_unnamed
from services.infra_engine.synthesis import Synthesized
from services.infra_engine.terraform import StateSnapshot, parse_state
from services.infra_engine.terraform.events import Line, ResourceCompleted, ResourcePlanned
from services.infra_engine.terraform.state_file import with_attributes
from services.infra_engine.terraform.work_folder import replace_file

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
        await self._adopt(run, stack, adoption)
        return True

    async def _recover(self, run: "EngineRun", broken: Attempt) -> None:
        if run.state is None:
            run.state = await run.shipper.begin(run.folder)
        stack = await self._stack_of(run, broken)
        with span("look for what was left", attributes={"beta9.attempt.broken": broken.id}):
            adoption = await self._settled(run, stack)
        await self._mend(run, adoption)
        for address in adoption.untaint:
            run.context.log(f"{address} is healthy, though the run before was ended while it was made: it is kept")
            await run.terraform.untaint(run.folder, address)
        if adoption.imports:
            await self._adopt(run, stack, adoption)
        elif adoption.untaint:
            await _ship(run)

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

    async def _mend(self, run: "EngineRun", adoption: Adoption) -> None:
        for address, mend in sorted(adoption.mends.items()):
            run.context.log(f"{address} is half made: what its making left undone is done")
            try:
                await asyncio.to_thread(mend)
            except Exception as error:
                raise aws_failure(error, self._access, f"end the making of {address}", address) from error

    async def _adopt(self, run: "EngineRun", stack: Synthesized, adoption: Adoption) -> None:
        """Imports what was found, and applies to it what lives in the state alone, such as that a database's final
        snapshot is kept: a destroy goes by it."""
        folder = run.folder
        for address, identifier in sorted(adoption.imports.items()):
            run.context.log(f"{address} is in AWS as {identifier} and not in the state: it is adopted")
        await asyncio.to_thread(folder.prepare, stack.main_tf_json, stack.variables)
        try:
            await self._import_alone(run, adoption)
            if healthy := sorted(adoption.imports.keys() - adoption.replace):
                await asyncio.to_thread(replace_file, folder.adopted, adoption.import_blocks())
                await self._plan(run, healthy)
                await run.change(_completed)
        finally:
            await asyncio.to_thread(folder.prepare, run.synthesized.main_tf_json, run.synthesized.variables)

    async def _import_alone(self, run: "EngineRun", adoption: Adoption) -> None:
        """Imports what must not be applied as it is imported: what failed, and what an import leaves open."""
        alone = {
            one: defaults_of(one) for one in sorted(adoption.imports) if one in adoption.replace or defaults_of(one)
        }
        for address, values in alone.items():
            await run.terraform.import_resource(run.folder, run.secrets, address, adoption.imports[address])
            if address in adoption.replace:
                run.context.log(f"{address} failed while it was made: it is replaced")
                await run.terraform.taint(run.folder, address)
            else:
                snapshot = with_attributes(await _local_state(run), address, values)
                await asyncio.to_thread(replace_file, run.folder.state, snapshot.raw)
        if alone:
            await _ship(run)

    async def _plan(self, run: "EngineRun", addresses: list[str]) -> None:
        """Plans the imports alone. Raises Failure (ADOPTION_WOULD_REPLACE) if that would cost any of them."""
        lost = []
        with span("terraform plan", attributes={"process.executable.name": "terraform"}):
            async with run.terraform.plan(run.folder, run.secrets, targets=addresses) as command:
                async for line in command:
                    event = line.event
                    if isinstance(event, ResourcePlanned) and event.action in ("replace", "delete"):
                        lost += [event.address] if event.address in addresses else []
                await command.result()
        if lost:
            raise _would_replace(lost)


async def _completed(line: Line) -> bool:
    return isinstance(line.event, ResourceCompleted)


async def _local_state(run: "EngineRun") -> StateSnapshot:
    raw = await asyncio.to_thread(run.folder.state_content)
    snapshot = parse_state(raw) if raw is not None else None
    assert snapshot is not None  # Terraform has just written it, and is over
    return snapshot


async def _ship(run: "EngineRun") -> None:
    snapshot = await _local_state(run)
    await run.shipper.ship(snapshot)
    run.state = snapshot


def _would_replace(addresses: list[str]) -> Failure:
    return Failure(
        "ADOPTION_WOULD_REPLACE",
        f"What a broken run left would be replaced by being adopted, so nothing was touched: {', '.join(addresses)}.",
        kind=Kind.FAILED_PRECONDITION,
        actor=Actor.PLATFORM,
        remedy="Import it by hand, or remove it from AWS if nothing needs it, then retry; see docs/runbook.md.",
        resource_address=addresses[0],
        metadata={"addresses": ",".join(addresses)[:1000]},
    )


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
