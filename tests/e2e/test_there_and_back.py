"""An environment of the real stack there, through its updates, and back, and all that it leaves to be read."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import nats
import pytest
import yaml
from google.protobuf import json_format
from nats.errors import TimeoutError as NothingCame
from nats.js.api import ConsumerConfig, DeliverPolicy
from provisioning.environment.v1.environment_pb2 import Environment
from provisioning.state.v1 import state_backend_service_pb2 as state_messages
from provisioning.state.v1.state_backend_service_pb2_grpc import StateBackendServiceStub

from libs.beta9ctl import spans
from libs.beta9ctl.spans import Span
from libs.embedded.layout import ROOT
from libs.embedded.platform import Platform
from tests.e2e import real_updates
from tests.e2e.client import connected, failure_of, metadata_of, state_of
from tests.e2e.conftest import open_to_all
from tests.e2e.customer import Customer
from tests.e2e.observing import database, held_leases, programs_of
from tests.integration.infra_engine import recorded

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

NAME = "dev"


async def test_there_and_back(tmp_path: Path) -> None:
    document = yaml.safe_load((ROOT / "examples" / "minimal.yaml").read_text())
    async with (
        Platform(open_to_all(tmp_path), ports="auto") as platform,
        connected(platform.endpoints.environment_registry) as client,
    ):
        assert platform.endpoints.sandbox is not None
        customer = Customer(platform.endpoints.sandbox, document["cloud"]["account_id"])
        await customer.onboard(await client.external_id())

        spec = customer.spec(document["beta9"]["domain"])
        await real_updates.refused(client, customer, NAME, spec)
        spec = real_updates.created(spec)
        create = await client.update(NAME, spec)
        built = await client.wait(create.name, 400)
        assert built.WhichOneof("result") == "response", failure_of(built)
        environment = await client.get(NAME)
        assert state_of(environment) == "ACTIVE"
        await _outputs_are_true(environment, customer)
        metadata = metadata_of(built)
        assert metadata.resources_done == metadata.resources_planned > 30
        versions = await _state_versions(platform, environment.uid)
        assert len(versions) > 1 and all(one.object_version for one in versions)
        assert [one.serial for one in versions] == sorted((one.serial for one in versions), reverse=True)

        await real_updates.walked(client, platform, customer, NAME, spec)

        delete = await client.delete(NAME)
        assert (await client.delete(NAME)).name == delete.name, "a second delete joins the first"
        gone = await client.wait(delete.name, 400)
        assert gone.WhichOneof("result") == "response", failure_of(gone)
        environment = await client.get(NAME)
        assert state_of(environment) == "DELETED"
        await real_updates.taken_back(customer)
        await _nothing_is_left_but_what_is_kept(environment, customer)
        actions = recorded.called(customer.sandbox, customer.account_id)
        recorded.are_allowed(actions)
        recorded.are_all_services(actions)
        assert actions >= real_updates.CALLED

        _is_joined(_spans(platform, metadata.trace_id), CREATED)
        _is_joined(_spans(platform, metadata_of(gone).trace_id), DELETED)
        await _events_tell_it(platform, environment)
        assert [one for one in programs_of(platform) if one.name != "node"] == []
        async with database(platform) as connection:
            assert await held_leases(connection) == []


async def _outputs_are_true(environment: Environment, customer: Customer) -> None:
    """What the environment tells is what the account holds."""
    outputs = environment.outputs
    eks, rds, s3, secrets = [await customer.client(name) for name in ("eks", "rds", "s3", "secretsmanager")]
    cluster = eks.describe_cluster(name=outputs.cluster_name)["cluster"]
    assert cluster["endpoint"] == outputs.cluster_endpoint
    assert cluster["resourcesVpcConfig"]["vpcId"] == outputs.vpc_id
    (instance,) = rds.describe_db_instances()["DBInstances"]
    assert outputs.rds_endpoint == f"{instance['Endpoint']['Address']}:{instance['Endpoint']['Port']}"
    assert s3.get_bucket_versioning(Bucket=outputs.bucket_name)["Status"] == "Enabled"
    assert outputs.redis_endpoint and outputs.redis_port == 6379 and outputs.redis_tls
    assert s3.head_object(Bucket=outputs.state_bucket, Key=outputs.state_key)["ContentLength"] > 1000
    told = json_format.MessageToJson(environment)
    for arn in (
        outputs.rds_master_user_secret_arn,
        outputs.admin_token_secret_arn,
        outputs.encryption_key_secret_arn,
    ):
        secret = secrets.get_secret_value(SecretId=arn)["SecretString"]
        for value in _values(secret):
            assert value not in told, f"a value of {arn} is in the environment"


def _values(secret: str) -> list[str]:
    """The values of a secret that must not be read anywhere."""
    try:
        content: Any = json.loads(secret)
    except ValueError:
        content = secret
    found = list(content.values()) if isinstance(content, dict) else [content]
    return [str(one) for one in found if len(str(one)) > 12]


async def _state_versions(platform: Platform, uid: str) -> list[Any]:
    import grpc.aio

    async with grpc.aio.insecure_channel(platform.endpoints.state_backend_manager) as channel:
        request = state_messages.ListStateVersionsRequest(
            parent=f"workspaces/default/stateBackends/{uid}", page_size=500
        )
        answer = await StateBackendServiceStub(channel).ListStateVersions(request, timeout=30)
    return list(answer.state_versions)


async def _nothing_is_left_but_what_is_kept(environment: Environment, customer: Customer) -> None:
    assert environment.kept
    assert all(one.resource and one.reason for one in environment.kept)
    kept = " ".join(one.resource for one in environment.kept)
    left = await customer.inventory()
    assert set(left) <= {"s3:bucket", "rds:snapshot"}, left
    for resources in left.values():
        for resource in resources:
            assert resource.partition("/")[2].split("/")[-1] in kept, f"{resource} is left and not told as kept: {kept}"
    assert environment.outputs.state_bucket in kept


CREATED = (
    "accept update", "operation update",
    "state_backend attempt 1", "deployment attempt 1", "baseline attempt 1", "beta9 attempt 1",
    "terraform init", "terraform plan", "terraform apply",
    "create aws_vpc.vpc", "create aws_eks_cluster.cluster", "create aws_db_instance.database",
    "baseline install_nginx_ingress", "baseline install_cert_manager", "baseline install_metrics_server",
    "beta9 install_beta9", "beta9 wait_for_gateway",
)  # fmt: skip
DELETED = (
    "accept delete", "operation delete", "drain attempt 1", "destroy attempt 1", "release attempt 1",
    "terraform apply", "delete aws_eks_cluster.cluster", "delete aws_vpc.vpc",
)  # fmt: skip


def _spans(platform: Platform, trace_id: str) -> list[Span]:
    return spans.read(platform.endpoints.spans, [trace_id])[trace_id]


def _is_joined(found: list[Span], wanted: tuple[str, ...]) -> None:
    """One trace holds all of an operation, from every service, and no span of it hangs in the air."""
    names = {one.name for one in found}
    assert set(wanted) <= names, f"missing: {sorted(set(wanted) - names)}"
    assert len({one.service for one in found}) >= 4
    ids = {one.span_id for one in found}
    loose = {one.name for one in found if one.parent_id and one.parent_id not in ids}
    assert not loose, f"without their parent: {sorted(loose)}"


LIFE = ("created", "failed", "updating", "activated", *real_updates.TOLD, "deleting", "deleted")


async def _events_tell_it(platform: Platform, environment: Environment) -> None:
    """A subscriber from outside reads the life of the environment in order, without a gap."""
    client = await nats.connect(platform.endpoints.nats, inbox_prefix=b"_INBOX_subscriber")
    try:
        js = client.jetstream()
        subject = f"provisioning.v1.default.{NAME}.environment.>"
        config = ConsumerConfig(
            name="e2e", durable_name="e2e", filter_subject=subject, deliver_policy=DeliverPolicy.ALL
        )
        await js.add_consumer("PROVISIONING", config)
        subscription = await js.pull_subscribe_bind("e2e", stream="PROVISIONING")
        read = []
        with suppress(NothingCame):
            while not read or not read[-1].subject.endswith(".environment_deleted"):
                for message in await subscription.fetch(50, timeout=10):
                    await message.ack()
                    read.append(message)
    finally:
        await client.close()
    kinds = [message.subject.rsplit(".", 1)[1] for message in read]
    told = [kind for kind in kinds if kind != "environment_progressed"]
    assert told == [f"environment_{kind}" for kind in LIFE]
    assert kinds.count("environment_progressed") >= 20
    headers = [dict(message.headers or {}) for message in read]
    assert len({one["ce-id"] for one in headers}) == len(read)
    assert all(one["traceparent"] for one in headers)
    numbers = [int(one["ce-sequence"]) for one in headers]
    assert numbers == sorted(numbers)
    assert json.loads(read[-1].data)["uid"] == environment.uid
