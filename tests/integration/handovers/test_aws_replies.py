"""AWS's replies delayed, refused or cut: the state is shipped all the same, and what is asked twice is done once."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from libs.failures import Failure
from services.infra_engine.stacks.stack_input import AwsAccount, AwsCalls
from services.infra_engine.synthesis import ChildSynthesizer
from services.infra_engine.terraform import LocalTerraform, WorkFolder, empty_state, parse_state
from services.infra_engine.terraform.work_folder import replace_file
from services.state_backend_manager.buckets import Buckets, bucket_name
from tests.integration.handovers.wire import Wire
from tests.integration.infra_engine.conftest import Cloud
from tests.integration.infra_engine.conftest import cloud as cloud
from tests.integration.infra_engine.inputs import SMALL, registry
from tests.integration.infra_engine.test_shipping import ACCESS, CUSTOMER, ROLE, Place, state
from tests.integration.infra_engine.test_shipping import place as place

pytestmark = pytest.mark.integration


def port_of(cloud: Cloud) -> int:
    return int(cloud.url.rpartition(":")[2])


async def test_every_state_is_shipped_over_a_bad_wire(
    cloud: Cloud, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Wire(port_of(cloud), seed=1, refused=0.15, late=0.1, cut=0.15).up() as wire:
        monkeypatch.setenv("AWS_ENDPOINT_URL", wire.url)
        owner = place.owner(1)
        await _until_it_works(owner.start, place.folder)
        for serial in range(1, 16):
            await owner.ship(state(serial))
    assert place.ledger.recorded == [(serial, 1) for serial in range(1, 16)]
    stored = place.s3.get_object(Bucket=place.bucket, Key="state")["Body"].read()
    assert json.loads(stored)["serial"] == 15
    assert wire.suffered["refused"] and wire.suffered["late"] and wire.suffered["cut"]


async def test_a_bucket_for_states_is_made_once_over_a_bad_wire(
    cloud: Cloud, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = place.s3.list_buckets()["Buckets"]
    async with Wire(port_of(cloud), seed=2, refused=0.15, late=0.1, cut=0.15).up() as wire:
        monkeypatch.setenv("AWS_ENDPOINT_URL", wire.url)
        ensure = Buckets(path_style=True).ensure
        for _ in range(2):
            assert await _until_it_works(asyncio.to_thread, ensure, ACCESS, bucket_name(ACCESS))
    assert len(place.s3.list_buckets()["Buckets"]) == len(before) + 1
    assert wire.suffered["refused"] and wire.suffered["cut"]


@pytest.mark.timeout(240)
async def test_an_apply_over_a_bad_wire(
    cloud: Cloud, place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Calls that never arrive and replies that come late: Terraform's provider asks again by itself. One that was done
    and not answered is for the recovery of the next run, which tests/crash holds at every call."""
    wished = replace(
        SMALL, uid="bad-wire", stack="minimal", account=AwsAccount(CUSTOMER, "us-east-1", ROLE, ACCESS.external_id),
        aws_calls=AwsCalls(s3_path_style=True, max_retries=10),
    )  # fmt: skip
    synthesizer = ChildSynthesizer(registry())
    stack = await synthesizer.synthesize(wished)
    await synthesizer.aclose()
    folder = WorkFolder(tmp_path / "apply")
    folder.prepare(stack.main_tf_json, stack.variables)
    replace_file(folder.state, empty_state().raw)
    async with Wire(port_of(cloud), seed=3, refused=0.1, late=0.1).up() as wire:
        terraform = LocalTerraform(environment={**os.environ, "AWS_ENDPOINT_URL": wire.url})
        await terraform.init(folder)
        async with terraform.plan(folder, {}) as command:
            await command.result()
        async with terraform.apply(folder, {}) as command:
            await command.result()
    assert wire.suffered["refused"] and wire.suffered["late"]
    written = parse_state(folder.state.read_bytes())
    assert written is not None
    assert written.addresses() == {"aws_s3_bucket.bucket", "aws_iam_role.gateway_role", "aws_ssm_parameter.settings"}


async def _until_it_works(call, *arguments):  # type: ignore[no-untyped-def]
    """As a step is tried again: what a bad wire breaks is a failure that may be tried again, and nothing else."""
    while True:
        try:
            return await call(*arguments)
        except Failure as failure:
            assert failure.retryable, failure
