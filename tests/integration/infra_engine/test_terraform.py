"""Real Terraform, with the real provider, against the sandbox's AWS."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import boto3
import pytest

from libs.failures import Actor, Failure
from libs.processes import run
from services.infra_engine.stacks.stack_input import AwsAccount, AwsCalls, StackInput
from services.infra_engine.synthesis import ChildSynthesizer, Synthesized
from services.infra_engine.terraform import (
    LocalTerraform,
    MilestoneTracker,
    OutputReader,
    StateWatcher,
    WorkFolder,
    empty_state,
    parse_state,
)
from services.infra_engine.terraform.events import (
    ChangeSummary,
    Event,
    Outputs,
    ResourceCompleted,
    ResourceFailed,
    ResourcePlanned,
    ResourceStarted,
)
from services.infra_engine.terraform.work_folder import replace_file
from tests.integration.infra_engine.conftest import ROOT, Cloud
from tests.integration.infra_engine.inputs import CANARY, SMALL

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLATFORM = "111111111111"
CUSTOMER = "222222222222"
SECRETS = {"postgres_password": "CanaryCanaryCanary42"}


def client(cloud: Cloud, account: str, service: str):  # type: ignore[no-untyped-def]
    key = cloud.variables(account)
    return boto3.client(
        service,
        endpoint_url=cloud.url,
        region_name="us-east-1",
        aws_access_key_id=key["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=key["AWS_SECRET_ACCESS_KEY"],
    )


@pytest.fixture(scope="module")
def role(cloud: Cloud) -> str:
    """The customer's role: it admits the platform with the external id."""
    iam = client(cloud, CUSTOMER, "iam")
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{PLATFORM}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "external"}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName="Beta9Provisioner", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    iam.attach_role_policy(RoleName="Beta9Provisioner", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return str(arn)


@pytest.fixture(scope="module")
def terraform(cloud: Cloud) -> LocalTerraform:
    """Runs as the platform, which has no rights in the customer's account but to assume the role."""
    return LocalTerraform(environment={**os.environ, **cloud.variables(PLATFORM)})


@dataclass(frozen=True)
class Environment:
    """One environment of the minimal stack and its folder."""

    stack: Synthesized
    folder: WorkFolder


def minimal(role: str, uid: str, **account: str | None) -> StackInput:
    return replace(
        SMALL,
        uid=uid,
        stack="minimal",
        account=replace(AwsAccount(CUSTOMER, "us-east-1", role, "external"), **account),  # type: ignore[arg-type]
        aws_calls=AwsCalls(s3_path_style=True, max_retries=1),
    )


async def prepared(
    synthesizer: ChildSynthesizer, terraform: LocalTerraform, path: Path, stack_input: StackInput
) -> Environment:
    stack = await synthesizer.synthesize(stack_input)
    folder = WorkFolder(path)
    folder.prepare(stack.main_tf_json, stack.variables)
    if not folder.state.exists():
        replace_file(folder.state, empty_state().raw)
    assert "provider.lock.hcl" not in await terraform.init(folder)
    return Environment(stack, folder)


async def plan(
    terraform: LocalTerraform, folder: WorkFolder, *, destroy: bool = False
) -> tuple[list[Event], ChangeSummary | None]:
    async with terraform.plan(folder, {}, destroy=destroy) as command:
        events = [line.event async for line in command if line.event]
        await command.result()
    return events, command.summary


async def apply(terraform: LocalTerraform, folder: WorkFolder) -> list[Event]:
    async with terraform.apply(folder, {}) as command:
        events = [line.event async for line in command if line.event]
        await command.result()
    return events


def holds(folder: Path, text: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


async def test_there_and_back(
    cloud: Cloud, role: str, terraform: LocalTerraform, synthesizer: ChildSynthesizer, tmp_path: Path
) -> None:
    before = cloud.inventory(CUSTOMER)
    env = await prepared(synthesizer, terraform, tmp_path / "work", minimal(role, "there-and-back"))
    addresses = {"aws_s3_bucket.bucket", "aws_iam_role.gateway_role", "aws_ssm_parameter.settings"}
    tracker = MilestoneTracker(env.stack.milestones, ())
    watcher = StateWatcher(env.folder.state, interval=0.05)
    states = asyncio.create_task(collect(watcher))

    events, summary = await plan(terraform, env.folder)
    assert summary == ChangeSummary("plan", 3, 0, 0)
    assert {one.address for one in events if isinstance(one, ResourcePlanned)} == addresses
    assert tracker.newly_reached() == []

    reached: list[str] = []
    async with terraform.apply(env.folder, {}) as command:
        events = []
        async for line in command:
            tracker.observe(line.event)
            reached += [one.name for one in tracker.newly_reached()]
            if line.event:
                events.append(line.event)
        await command.result()
    assert sorted(reached) == ["backends_available", "cluster_available"]
    assert {one.address for one in events if isinstance(one, ResourceStarted)} == addresses
    done = {one.address: one for one in events if isinstance(one, ResourceCompleted)}
    assert set(done) == addresses
    assert done["aws_ssm_parameter.settings"].id.startswith("/beta9/beta9-dev-")
    assert not env.folder.plan.exists()

    watcher.stop()
    serials = await states
    assert serials == sorted(set(serials))
    assert watcher.last is not None
    assert watcher.last.addresses() == addresses
    outputs = watcher.last.outputs()
    assert outputs == OutputReader(env.stack.main_tf_json, env.stack.variables).read(watcher.last)
    assert outputs["bucket_arn"] == f"arn:aws:s3:::{outputs['bucket_name']}"
    assert [one.values for one in events if isinstance(one, Outputs)] == [outputs]

    _, summary = await plan(terraform, env.folder)
    assert summary == ChangeSummary("plan", 0, 0, 0)
    tags = client(cloud, CUSTOMER, "s3").get_bucket_tagging(Bucket=str(outputs["bucket_name"]))["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == env.stack.variables["tags"]

    await plan(terraform, env.folder, destroy=True)
    events = await apply(terraform, env.folder)
    assert {one.address for one in events if isinstance(one, ResourceCompleted)} == addresses
    assert cloud.inventory(CUSTOMER) == before


async def collect(watcher: StateWatcher) -> list[int]:
    return [snapshot.serial async for snapshot in watcher.changes()]


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        ({"external_id": "wrong"}, "ROLE_NOT_ASSUMABLE"),
        ({"external_id": None}, "ROLE_NOT_ASSUMABLE"),
        ({"account_id": "333333333333"}, "ACCOUNT_MISMATCH"),
    ],
)
async def test_a_role_that_does_not_lead_there_is_the_customers_to_mend(
    role: str,
    terraform: LocalTerraform,
    synthesizer: ChildSynthesizer,
    tmp_path: Path,
    account: Mapping[str, str | None],
    reason: str,
) -> None:
    env = await prepared(synthesizer, terraform, tmp_path, minimal(role, "no-role", **account))
    with pytest.raises(Failure) as caught:
        await plan(terraform, env.folder)
    assert (caught.value.reason, caught.value.actor) == (reason, Actor.CUSTOMER)
    left = parse_state(env.folder.state.read_bytes())
    assert left is not None and (left.serial, left.addresses()) == (1, frozenset())


async def test_a_refused_call_is_named_and_the_next_run_goes_on(
    cloud: Cloud, role: str, terraform: LocalTerraform, synthesizer: ChildSynthesizer, tmp_path: Path
) -> None:
    env = await prepared(synthesizer, terraform, tmp_path, minimal(role, "refused"))
    await plan(terraform, env.folder)
    cloud.fail("ssm", "PutParameter", "AccessDeniedException", status=400)
    with pytest.raises(Failure) as caught:
        async with terraform.apply(env.folder, {}) as command:
            events = [line.event async for line in command]
            await command.result()
    assert caught.value.reason == "AWS_ACCESS_DENIED"
    assert caught.value.resource_address == "aws_ssm_parameter.settings"
    assert caught.value.metadata["aws_operation"] == "SSM:PutParameter"
    assert "aws_ssm_parameter.settings" in {one.address for one in events if isinstance(one, ResourceFailed)}

    _, summary = await plan(terraform, env.folder)
    assert summary == ChangeSummary("plan", 1, 0, 0)
    await apply(terraform, env.folder)
    await plan(terraform, env.folder, destroy=True)
    await apply(terraform, env.folder)


OWNER = """
import asyncio, os, sys
from pathlib import Path
from services.infra_engine.terraform import LocalTerraform, WorkFolder

async def main():
    async with LocalTerraform().plan(WorkFolder(Path(sys.argv[1])), {}) as command:
        print(command.pid, flush=True)
        async for line in command:
            pass

asyncio.run(main())
"""


def in_group(pgid: int) -> list[int]:
    """Live members of a process group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == pgid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


async def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Looks until it is so: nothing tells of a process that is not our child."""
    deadline = time.monotonic() + seconds
    for _ in iter(lambda: condition(), True):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def start_owner(folder: WorkFolder, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    """A process that runs a plan in a folder and first prints Terraform's pid."""
    argv = [sys.executable, "-c", OWNER, str(folder.path)]
    return subprocess.Popen(argv, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True)


async def test_when_its_owner_is_killed_terraform_and_its_provider_are_gone(
    cloud: Cloud, role: str, terraform: LocalTerraform, synthesizer: ChildSynthesizer, tmp_path: Path
) -> None:
    env = await prepared(synthesizer, terraform, tmp_path, minimal(role, "orphan"))
    with start_owner(env.folder, cloud.variables(PLATFORM)) as owner:
        assert owner.stdout is not None
        pgid = int(await asyncio.to_thread(owner.stdout.readline))
        await until(lambda: len(in_group(pgid)) >= 2)  # Terraform and its provider
        owner.send_signal(signal.SIGKILL)
    await until(lambda: in_group(pgid) == [])


async def test_an_interrupted_apply_says_that_it_was_cancelled_and_leaves_no_torn_state(
    role: str, terraform: LocalTerraform, synthesizer: ChildSynthesizer, tmp_path: Path
) -> None:
    env = await prepared(synthesizer, terraform, tmp_path, minimal(role, "interrupted"))
    await plan(terraform, env.folder)
    with pytest.raises(Failure) as caught:
        async with terraform.apply(env.folder, {}) as command:
            async for line in command:
                if isinstance(line.event, ResourceStarted):
                    command.interrupt()
            await command.result()
    assert (caught.value.reason, caught.value.retryable) == ("CANCELLED", True)
    assert in_group(command.pid) == []
    assert parse_state(env.folder.state.read_bytes()) is not None


async def test_terraform_takes_hostile_variables_literally(tmp_path: Path) -> None:
    """What is written in terraform.tfvars.json is never evaluated, whatever it looks like."""
    hostile = [CANARY, "$${x}", "%%{x}", '"', "\\", "a\r\nb", "\u202e", "ünïcödé 🙂", "<<EOT\nx\nEOT", "a" * 65536]
    tags = {text: text for text in hostile}
    main = {
        "variable": {"tags": {"type": "map(string)"}},
        "output": {"tags": {"value": "${var.tags}"}, "in_text": {"value": ["<${var.tags.x}>"]}},
    }
    (tmp_path / "main.tf.json").write_text(json.dumps(main))
    (tmp_path / "terraform.tfvars.json").write_text(json.dumps({"tags": {**tags, "x": CANARY}}))
    for argv in (["init"], ["apply", "-auto-approve"], ["output", "-json"]):
        finished = await run(["terraform", *argv], env=os.environ, cwd=tmp_path, time_limit=60)
    outputs = json.loads(finished.stdout)
    assert outputs["tags"]["value"] == {**tags, "x": CANARY}
    assert outputs["in_text"]["value"] == [f"<{CANARY}>"]


async def test_the_real_stack_is_valid_and_its_secret_stays_out_of_the_plan(
    role: str, terraform: LocalTerraform, synthesizer: ChildSynthesizer, tmp_path: Path
) -> None:
    stack_input = replace(minimal(role, "real"), stack="beta9")
    env = await prepared(synthesizer, terraform, tmp_path, stack_input)
    async with terraform.plan(env.folder, SECRETS) as command:
        lines = [line async for line in command]
        await command.result()
    assert command.summary is not None
    assert (command.summary.add, command.summary.change, command.summary.remove) == (78, 0, 0)
    assert [one for one in command.diagnostics if one.severity == "warning"] == []
    assert not any(SECRETS["postgres_password"] in line.text for line in lines)
    # The plan is a zip, so its parts are looked into one by one.
    unpacked = tmp_path / "unpacked"
    await asyncio.to_thread(
        subprocess.run, [sys.executable, "-m", "zipfile", "-e", str(env.folder.plan), str(unpacked)], check=True
    )
    assert list(unpacked.iterdir())
    assert holds(tmp_path, SECRETS["postgres_password"]) == []
