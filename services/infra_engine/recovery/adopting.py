"""Takes into the state what was found in AWS: all of it, or nothing."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from libs.aws_access import AwsAccess
from libs.aws_access.errors import aws_failure
from libs.failures import Actor, Failure, Kind
from libs.telemetry import span
from services.infra_engine.recovery.adoption import Adoption
from services.infra_engine.recovery.table import defaults_of, failed_attributes_of
from services.infra_engine.synthesis import Synthesized
from services.infra_engine.terraform import StateSnapshot, parse_state
from services.infra_engine.terraform.events import Line, ResourceCompleted, ResourcePlanned
from services.infra_engine.terraform.state_file import with_attributes
from services.infra_engine.terraform.work_folder import replace_file

if TYPE_CHECKING:
    from services.infra_engine.engine_run import EngineRun


async def adopt(run: "EngineRun", stack: Synthesized, adoption: Adoption, access: AwsAccess) -> None:
    """Imports what was found, and applies to it what lives in the state alone, such as that a database's final
    snapshot is kept: a destroy goes by it.

    A failure before that apply leaves AWS and the state as they were, so that a retry finds the same again. Raises
    Failure, ADOPTION_WOULD_REPLACE among others.
    """
    folder, before = run.folder, run.state
    assert before is not None
    for address, identifier in sorted(adoption.imports.items()):
        run.context.log(f"{address} is in AWS as {identifier} and not in the state: it is adopted")
    await asyncio.to_thread(folder.prepare, stack.main_tf_json, stack.variables)
    try:
        healthy = sorted(adoption.imports.keys() - adoption.replace)
        try:
            await _untaint(run, adoption)
            await _import_alone(run, adoption)
            if healthy:
                await asyncio.to_thread(replace_file, folder.adopted, adoption.import_blocks())
                await _plan(run, healthy)
            await _mend(run, adoption, access)
        except Exception:
            # Not where the run is ended from outside: the folder may be another's soon.
            await asyncio.to_thread(replace_file, folder.state, before.raw)
            raise
        if healthy:
            await run.change(_completed)
        else:
            await _ship(run)
    finally:
        await asyncio.to_thread(folder.prepare, run.synthesized.main_tf_json, run.synthesized.variables)


async def _untaint(run: "EngineRun", adoption: Adoption) -> None:
    for address in adoption.untaint:
        run.context.log(f"{address} is healthy, though the run before was ended while it was made: it is kept")
        await run.terraform.untaint(run.folder, address)
    for address in adoption.failed:
        await _write(run, address, failed_attributes_of(address))


async def _import_alone(run: "EngineRun", adoption: Adoption) -> None:
    """Imports what must not be applied as it is imported: what failed, and what an import leaves open."""
    for address in sorted(adoption.imports):
        if address in adoption.replace:
            await run.terraform.import_resource(run.folder, run.secrets, address, adoption.imports[address])
            run.context.log(f"{address} failed while it was made: it is replaced")
            await run.terraform.taint(run.folder, address)
        elif values := defaults_of(address):
            await run.terraform.import_resource(run.folder, run.secrets, address, adoption.imports[address])
            await _write(run, address, values)


async def _plan(run: "EngineRun", addresses: list[str]) -> None:
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


async def _mend(run: "EngineRun", adoption: Adoption, access: AwsAccess) -> None:
    """Before the state has it: whoever goes on after a crash then finds it as it was."""
    for address, mend in sorted(adoption.mends.items()):
        run.context.log(f"{address} is half made: what its making left undone is done")
        try:
            await asyncio.to_thread(mend)
        except Exception as error:
            raise aws_failure(error, access, f"end the making of {address}", address) from error


async def _completed(line: Line) -> bool:
    return isinstance(line.event, ResourceCompleted)


async def _local_state(run: "EngineRun") -> StateSnapshot:
    raw = await asyncio.to_thread(run.folder.state_content)
    snapshot = parse_state(raw) if raw is not None else None
    assert snapshot is not None  # Terraform has just written it, and is over
    return snapshot


async def _write(run: "EngineRun", address: str, values: Mapping[str, object]) -> None:
    snapshot = with_attributes(await _local_state(run), address, values)
    await asyncio.to_thread(replace_file, run.folder.state, snapshot.raw)


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
        remedy="Change it back, or remove it from AWS if nothing needs it, then retry; see docs/runbook.md.",
        resource_address=addresses[0],
        metadata={"addresses": ",".join(addresses)[:1000]},
    )
