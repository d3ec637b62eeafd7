"""The real stack made, changed in all that can change, and destroyed: no plan drifts, and the policies allow it all."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from services.infra_engine.stacks.stack_input import NodeGroup, StackInput
from services.infra_engine.synthesis import ChildSynthesizer
from services.infra_engine.terraform import LocalTerraform, WorkFolder
from tests.integration.infra_engine.conftest import Cloud
from tests.integration.infra_engine.inputs import SMALL
from tests.integration.infra_engine.recorded import are_allowed, called
from tests.integration.infra_engine.surroundings import Customer
from tests.integration.infra_engine.test_examples import EMPTY, PLATFORM, Run, terraform

__all__ = ["terraform"]

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.e2e,
    pytest.mark.timeout(900),
]
ACCOUNT = "444444444444"
BEFORE = replace(
    SMALL,
    cluster=replace(SMALL.cluster, version="1.34", node_groups=(NodeGroup("gone", min_size=0, max_size=2),)),
    postgres=replace(SMALL.postgres, keep_final_snapshot=False),
)


def changed(given: StackInput) -> StackInput:
    """Whatever can change in place, groups that come and go, and a database that may not."""
    return replace(
        given,
        cluster=replace(
            given.cluster,
            version="1.35",
            public_access_cidrs=("203.0.113.0/24",),
            system_nodes=replace(given.cluster.system_nodes, max_size=4, disk_gb=120, labels={"a": "b"}),
            node_groups=(NodeGroup("gpu", min_size=0, max_size=2, gpu_type="T4"),),
        ),
        network=replace(given.network, nat_per_zone=True, flow_logs=False, log_retention_days=90),
        postgres=replace(given.postgres, size="medium", storage_gb=200, backup_retention_days=14, password_version=2),
        redis=replace(given.redis, size="medium", num_replicas=2, snapshot_retention_days=3),
        object_store=replace(given.object_store, lifecycle_days=30, versioning=False),
        tags={"CostCenter": "42"},
        permissions_boundary_arn=f"arn:aws:iam::{ACCOUNT}:policy/Boundary",
    )


async def test_a_role_of_the_policies_may_create_update_and_destroy(
    cloud: Cloud, terraform: LocalTerraform, synthesizer: ChildSynthesizer, tmp_path: Path
) -> None:
    customer = await asyncio.to_thread(Customer, cloud, ACCOUNT, PLATFORM)
    allows = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    await asyncio.to_thread(customer.client("iam").create_policy, PolicyName="Boundary", PolicyDocument=allows)
    before = cloud.inventory(ACCOUNT)
    run = Run(terraform, synthesizer, WorkFolder(tmp_path / "work"))
    first = await asyncio.to_thread(customer.environment, BEFORE, "permissions")
    for wished in (first, changed(first)):
        await run.prepare(wished)
        await run.plan()
        await run.apply()
        assert await run.plan() == EMPTY
    await run.plan(destroy=True)
    await run.apply()
    assert cloud.inventory(ACCOUNT) == before
    actions = called(cloud.url, ACCOUNT)
    assert {"ec2:ReplaceRoute", "eks:UpdateClusterVersion", "rds:ModifyDBInstance", "eks:DeleteCluster"} <= actions
    are_allowed(actions)
