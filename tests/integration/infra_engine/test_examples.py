"""Every example there and back: a full apply, a second plan that is empty, and a destroy that leaves nothing.

All at once, and two of them in one account: mostly they wait.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from libs.aws_access import AwsAccess
from services.infra_engine.preflight.preflight import preflight
from services.infra_engine.stacks.stack_input import StackInput
from services.infra_engine.synthesis import ChildSynthesizer
from services.infra_engine.terraform import LocalTerraform, OutputReader, WorkFolder, parse_state
from services.infra_engine.terraform.events import ChangeSummary
from tests.integration.infra_engine.conftest import Cloud
from tests.integration.infra_engine.inputs import EXAMPLES
from tests.integration.infra_engine.recorded import are_allowed, called
from tests.integration.infra_engine.surroundings import Customer

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.e2e,
]

PLATFORM = "111111111111"
SECRETS = {"postgres_password": "CanaryCanaryCanary42"}
ACCOUNTS = {
    "222222222222": ["minimal", "production"],
    "333333333333": ["existing-vpc", "existing-cluster"],
    "444444444444": ["every-key"],
}
EMPTY = ChangeSummary("plan", 0, 0, 0)


@dataclass(frozen=True)
class Run:
    """One environment in its folder."""

    terraform: LocalTerraform
    synthesizer: ChildSynthesizer
    folder: WorkFolder

    async def prepare(self, stack_input: StackInput) -> OutputReader:
        stack = await self.synthesizer.synthesize(stack_input)
        self.folder.prepare(stack.main_tf_json, stack.variables)
        await self.terraform.init(self.folder)
        return OutputReader(stack.main_tf_json, stack.variables)

    async def plan(self, *, destroy: bool = False) -> ChangeSummary | None:
        async with self.terraform.plan(self.folder, SECRETS, destroy=destroy) as command:
            async for _ in command:
                pass
            await command.result()
        return command.summary

    async def apply(self) -> None:
        async with self.terraform.apply(self.folder, SECRETS) as command:
            async for _ in command:
                pass
            await command.result()


async def there_and_back(run: Run, stack_input: StackInput) -> None:
    reader = await run.prepare(stack_input)
    await run.plan()
    await run.apply()
    assert await run.plan() == EMPTY
    if stack_input.cluster.existing_name is not None:
        await takes_no_other(stack_input)
    state = parse_state(run.folder.state.read_bytes())
    assert state is not None
    # What is read while the state is in the making is what Terraform says at the end.
    said = {name: output["value"] for name, output in state.document()["outputs"].items()}
    assert reader.read(state) == said
    assert SECRETS["postgres_password"].encode() not in run.folder.state.read_bytes()
    await run.plan(destroy=True)
    await run.apply()
    state = parse_state(run.folder.state.read_bytes())
    assert state is not None and not state.addresses()


async def takes_no_other(stack_input: StackInput) -> None:
    """The cluster's OIDC provider is the customer's: it tells nothing of who is there."""
    account = stack_input.account
    access = AwsAccess(account.account_id, account.region, account.role_arn, account.external_id or "")
    for document, is_told in ((stack_input, False), (replace(stack_input, uid="another"), True)):
        reasons = [one.reason for one in await preflight(access, document, None) if one.blocking]
        assert ("CLUSTER_OCCUPIED" in reasons) == is_told, reasons


@pytest.fixture
async def terraform(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LocalTerraform]:
    for name, value in cloud.variables(PLATFORM).items():
        monkeypatch.setenv(name, value)  # the pre-flight's
    yield LocalTerraform(environment={**os.environ, **cloud.variables(PLATFORM)})


async def test_every_example_there_and_back(
    cloud: Cloud, terraform: LocalTerraform, synthesizer: ChildSynthesizer, tmp_path: Path
) -> None:
    before: dict[str, int] = {}
    runs = []
    for account, names in ACCOUNTS.items():
        customer = await asyncio.to_thread(Customer, cloud, account, PLATFORM)
        for name in names:
            # With the protection on, a destroy is refused, and taking it off is minutes of waiting.
            example = replace(EXAMPLES[name], deletion_protection=False)
            stack_input = await asyncio.to_thread(customer.environment, example, name)
            runs.append(there_and_back(Run(terraform, synthesizer, WorkFolder(tmp_path / name)), stack_input))
        before[account] = cloud.inventory(account)
    async with asyncio.TaskGroup() as group:
        for run in runs:
            group.create_task(run)
    for account, names in ACCOUNTS.items():
        # The final snapshots are kept by policy, and nothing else.
        assert cloud.inventory(account) == before[account] + len(names)
        are_allowed(called(cloud.url, account))
