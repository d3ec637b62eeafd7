"""What a database leaves when it goes, and a snapshot that has the name already."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from libs.aws_access import AwsAccess
from libs.failures import Failure
from services.infra_engine.kept import final_snapshots
from services.infra_engine.preflight.preflight import preflight
from services.infra_engine.stacks.aws.names import resource_names
from services.infra_engine.stacks.stack_input import Postgres
from services.infra_engine.synthesis import ChildSynthesizer
from services.infra_engine.terraform import LocalTerraform, WorkFolder
from tests.integration.infra_engine.conftest import Cloud
from tests.integration.infra_engine.inputs import EVERY_KEY, SMALL
from tests.integration.infra_engine.recovering import BrokenRun
from tests.integration.infra_engine.surroundings import EXTERNAL_ID, REGION, Customer

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.e2e]

PLATFORM, ACCOUNT, UID = "111111111111", "555555555557", "replaced"
SECRETS = {"postgres_password": "CanaryCanaryCanary42"}
DATABASE = "aws_db_instance.database"


async def test_a_name_that_something_has_is_told_before_anything_is_touched(
    cloud: Cloud, synthesizer: ChildSynthesizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in cloud.variables(PLATFORM).items():
        monkeypatch.setenv(name, value)
    customer = await asyncio.to_thread(Customer, cloud, ACCOUNT, PLATFORM)
    access = AwsAccess(ACCOUNT, REGION, customer.role, EXTERNAL_ID)
    without, keyed = (
        replace(customer.environment(one, UID), stack="database", postgres=Postgres(multi_az=False))
        for one in (SMALL, replace(SMALL, kms_key_arn=EVERY_KEY.kms_key_arn))
    )
    names = resource_names(keyed)
    terraform = LocalTerraform(environment={**os.environ, **cloud.variables(PLATFORM)})
    run = BrokenRun(terraform, WorkFolder(tmp_path), await synthesizer.synthesize(keyed), UID, SECRETS)
    await run.prepare()
    await run.apply()

    # By the pre-flight of what would come to have it, and by a delete.
    rds = customer.client("rds")
    rds.create_db_snapshot(DBInstanceIdentifier=names["database"], DBSnapshotIdentifier=names["final_snapshot"])
    stopped = {one.reason: one.blocking for one in await preflight(access, keyed, without)}
    noted = {one.reason: one.blocking for one in await preflight(access, keyed, keyed)}
    assert (stopped["FINAL_SNAPSHOT_EXISTS"], noted["FINAL_SNAPSHOT_EXISTS"]) == (True, False)
    with pytest.raises(Failure) as caught:
        await run.apply(destroy=True)
    assert caught.value.reason == "FINAL_SNAPSHOT_EXISTS"
    assert names["database"] in caught.value.message
    assert DATABASE in run.read().addresses()

    rds.delete_db_snapshot(DBSnapshotIdentifier=names["final_snapshot"])
    await run.apply(destroy=True)
    assert not run.read().addresses()
    assert await asyncio.to_thread(final_snapshots, access, names) == [names["final_snapshot"]]
