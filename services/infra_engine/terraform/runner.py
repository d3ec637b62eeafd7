"""Runs Terraform. Commands of one folder must not overlap; those of different folders may."""

import json
import os
import re
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

from libs.failures import Actor, Failure, Kind
from libs.processes import CannotStart, ExecutableNotFound, allowed_environment, run, spawn
from services.infra_engine.terraform.command import Command
from services.infra_engine.terraform.events import Diagnostic
from services.infra_engine.terraform.failures import classify
from services.infra_engine.terraform.provider_mirror import cli_config, find_mirror, user_cli_config
from services.infra_engine.terraform.work_folder import WorkFolder, replace_file

OLDEST_VERSION = (1, 11)

# Time for Terraform to save what it is at, when we die and its supervisor ends it.
DEFAULT_ORPHAN_GRACE_SECONDS = 7.5

# Beyond the default of 10: most of a run is waiting, and a wait must not keep the next resource from its start.
_PARALLELISM = 20

_NO_SECRETS: Mapping[str, str] = {}


class Terraform(Protocol):
    """What the engine asks of Terraform. `secrets` are the stack's ephemeral variables, by name."""

    async def init(self, folder: WorkFolder) -> str:
        """Makes the folder ready from the lock file and gives what was said. Idempotent. Raises `Failure`."""
        ...

    def plan(
        self, folder: WorkFolder, secrets: Mapping[str, str], *, destroy: bool = False, targets: Sequence[str] = ()
    ) -> AbstractAsyncContextManager[Command]:
        """Plans into `folder.plan`: everything, or `targets` and what they need alone."""
        ...

    def apply(self, folder: WorkFolder, secrets: Mapping[str, str]) -> AbstractAsyncContextManager[Command]:
        """Applies `folder.plan` and removes it."""
        ...

    async def show_plan(self, folder: WorkFolder) -> dict[str, Any]:
        """`folder.plan` as JSON. Raises `Failure`."""
        ...

    async def untaint(self, folder: WorkFolder, address: str) -> None:
        """Says that a resource which was interrupted while it was made is healthy. Raises `Failure`."""
        ...

    async def import_resource(
        self, folder: WorkFolder, secrets: Mapping[str, str], address: str, identifier: str
    ) -> None:
        """Takes a resource of AWS into the state, without a change of it. Raises `Failure`."""
        ...

    async def taint(self, folder: WorkFolder, address: str) -> None:
        """Says that a resource is to be replaced. Raises `Failure`."""
        ...


class LocalTerraform:
    """`Terraform` by a binary on this machine, with local state in the work folder."""

    def __init__(
        self,
        *,
        binary: str | None = None,
        environment: Mapping[str, str] | None = None,
        orphan_grace: float = DEFAULT_ORPHAN_GRACE_SECONDS,
    ) -> None:
        """`binary` None is `terraform`, else `tofu`, from PATH. `environment` is chosen from (default: our own).

        `orphan_grace` is how long Terraform may live on when we have died, in seconds; the next owner of the
        environment must not start before.
        """
        self._orphan_grace = orphan_grace
        source = dict(os.environ if environment is None else environment)
        self._user_config = user_cli_config(source)
        self._mirror = None if self._user_config else find_mirror(source)
        self._env = allowed_environment(
            ("XDG_DATA_HOME",),
            prefixes=("AWS_",),
            # Half the garbage collections for some 300 MB more: 20-35% less CPU.
            extra={
                "TF_IN_AUTOMATION": "1",
                "TF_INPUT": "0",
                "CHECKPOINT_DISABLE": "1",
                "GOGC": "400",
                # A client that is throttled slows down, instead of taking the account's calls from everybody else.
                "AWS_RETRY_MODE": "adaptive",
            },
            source=source,
        )
        self._binary = binary or next(
            (name for name in ("terraform", "tofu") if shutil.which(name, path=source.get("PATH"))), "terraform"
        )
        self._checked = False

    async def init(self, folder: WorkFolder) -> str:
        await self._check_version(folder)
        arguments = ["init", "-no-color", "-input=false", "-lockfile=readonly"]
        return await self._run(folder, arguments)

    @asynccontextmanager
    async def plan(
        self, folder: WorkFolder, secrets: Mapping[str, str], *, destroy: bool = False, targets: Sequence[str] = ()
    ) -> AsyncIterator[Command]:
        folder.forget_plan()
        arguments = [*_RUN_ARGUMENTS, f"-out={folder.plan.name}", *(["-destroy"] if destroy else [])]
        arguments += [f"-target={address}" for address in targets]
        async with self._command(folder, "plan", arguments, secrets) as command:
            yield command

    @asynccontextmanager
    async def apply(self, folder: WorkFolder, secrets: Mapping[str, str]) -> AsyncIterator[Command]:
        try:
            async with self._command(folder, "apply", [*_RUN_ARGUMENTS, folder.plan.name], secrets) as command:
                yield command
        finally:
            folder.forget_plan()

    async def show_plan(self, folder: WorkFolder) -> dict[str, Any]:
        plan: dict[str, Any] = json.loads(await self._run(folder, ["show", "-json", "-no-color", folder.plan.name]))
        return plan

    async def untaint(self, folder: WorkFolder, address: str) -> None:
        await self._run(folder, ["untaint", "-no-color", address])

    async def import_resource(
        self, folder: WorkFolder, secrets: Mapping[str, str], address: str, identifier: str
    ) -> None:
        try:
            await self._run(folder, ["import", "-no-color", "-input=false", address, identifier], secrets)
        except Failure as failure:
            # It asks AWS, whose errors mean here what they mean in a plan.
            _, error, said = failure.private.partition("Error: ")
            if not error:
                raise
            summary, _, detail = said.partition("\n")
            raise classify(Diagnostic("error", summary.strip(), detail, address), private=failure.private) from failure

    async def taint(self, folder: WorkFolder, address: str) -> None:
        await self._run(folder, ["taint", "-no-color", address])

    def _environment(self, folder: WorkFolder, secrets: Mapping[str, str]) -> dict[str, str]:
        env = {**self._env, **{f"TF_VAR_{name}": value for name, value in secrets.items()}}
        if self._user_config is None:
            if not folder.cli_config.is_file():
                replace_file(folder.cli_config, cli_config(self._mirror).encode())
            env["TF_CLI_CONFIG_FILE"] = str(folder.cli_config)
        else:
            env["TF_CLI_CONFIG_FILE"] = str(self._user_config)
        return env

    @asynccontextmanager
    async def _command(
        self, folder: WorkFolder, name: str, arguments: list[str], secrets: Mapping[str, str]
    ) -> AsyncIterator[Command]:
        try:
            async with spawn(
                [self._binary, name, *arguments],
                env=self._environment(folder, secrets),
                cwd=folder.path,
                orphan_grace=self._orphan_grace,
            ) as child:
                # Half of what a dead owner's Terraform is given: a lost lease leaves an owner that lives no more.
                yield Command(child, name, grace=self._orphan_grace / 2)
        except (ExecutableNotFound, CannotStart) as error:
            raise _not_usable(str(error)) from error

    async def _run(self, folder: WorkFolder, arguments: list[str], secrets: Mapping[str, str] = _NO_SECRETS) -> str:
        try:
            finished = await run(
                [self._binary, *arguments],
                env=self._environment(folder, secrets),
                cwd=folder.path,
                orphan_grace=self._orphan_grace,
            )
        except (ExecutableNotFound, CannotStart) as error:
            raise _not_usable(str(error)) from error
        if not finished.status.ok:
            said = f"{finished.stdout}\n{finished.stderr}".strip()
            raise _failed(arguments[0], said)
        return finished.stdout

    async def _check_version(self, folder: WorkFolder) -> None:
        if self._checked:
            return
        said = await self._run(folder, ["version", "-json"])
        found = re.match(r"(\d+)\.(\d+)", str(json.loads(said).get("terraform_version", "")))
        if not found or (int(found[1]), int(found[2])) < OLDEST_VERSION:
            version = found[0] if found else "unknown"
            raise _not_usable(f"{self._binary} is version {version}; 1.11 or newer is needed for write-only secrets.")
        self._checked = True


_RUN_ARGUMENTS = ["-json", "-no-color", "-input=false", f"-parallelism={_PARALLELISM}"]


def _not_usable(message: str) -> Failure:
    return Failure(
        "TERRAFORM_NOT_USABLE",
        message,
        kind=Kind.FAILED_PRECONDITION,
        actor=Actor.PLATFORM,
        remedy="Put Terraform 1.11 or newer, or OpenTofu, on the worker's PATH.",
    )


def _failed(command: str, said: str) -> Failure:
    lines = [line.strip("│╷╵ ") for line in said.splitlines()]
    first = next((line for line in lines if line.startswith("Error:")), lines[-1] if lines else "")
    return Failure(
        "TERRAFORM_INIT_FAILED" if command == "init" else "TERRAFORM_ERROR",
        f"terraform {command} failed: {first.removeprefix('Error:').strip()}",
        actor=Actor.PLATFORM,
        retryable=command == "init",
        remedy=(
            "Give Terraform a mirror of the AWS provider (PROVISIONING_TERRAFORM_MIRROR) or a way to its registry."
            if command == "init"
            else "Read the log of the command."
        ),
        private=said,
    )
