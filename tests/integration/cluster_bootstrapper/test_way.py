"""The whole way of a cluster, on real parts: baseline, Beta9, its first token, exposure, and the drain."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from libs.failures import Failure
from services.cluster_bootstrapper.access_keys import IamAccessKeys
from services.cluster_bootstrapper.admin_token import claim_admin_token
from services.cluster_bootstrapper.authorize import authorize
from services.cluster_bootstrapper.baseline_values import (
    cert_manager_values,
    metrics_server_values,
    nginx_ingress_values,
)
from services.cluster_bootstrapper.charts import (
    BETA9,
    CERT_MANAGER,
    METRICS_SERVER,
    NGINX_INGRESS,
    chart_install,
)
from services.cluster_bootstrapper.cloud_clearing import DrainTimes
from services.cluster_bootstrapper.cloud_leftovers import AwsLeftovers
from services.cluster_bootstrapper.drain import drain_cluster
from services.cluster_bootstrapper.environment_secrets import (
    admin_token_name,
    cache_auth_token,
    encryption_key,
    postgres_login,
    schedule_secret_deletion,
)
from services.cluster_bootstrapper.gateway import check_health, wait_for_gateway
from services.cluster_bootstrapper.helm import helm_cli, install_chart
from services.cluster_bootstrapper.ingress_address import ingress_address
from services.cluster_bootstrapper.issuer import ensure_issuer
from services.cluster_bootstrapper.outputs import backend_outputs
from services.cluster_bootstrapper.ownership import ensure_namespace
from services.cluster_bootstrapper.ports import Log
from services.cluster_bootstrapper.secrets_manager import SecretsManager
from services.cluster_bootstrapper.service_accounts import ensure_worker_account
from services.cluster_bootstrapper.storage_class import ensure_storage_class
from services.cluster_bootstrapper.storage_keys import beta9_configuration, storage_key
from services.cluster_bootstrapper.values import Beta9Document, Beta9Secrets, beta9_values

pytestmark = pytest.mark.integration

UID = "11111111-2222-3333-4444-555555555555"
DOCUMENT = Beta9Document(
    environment="it",
    domain="beta9.example.com",
    version="latest",
    profile="small",
    enable_metrics=True,
    enable_logging=True,
    min_workers=1,
)
INGRESSES = "/apis/networking.k8s.io/v1/ingresses"
TIMES = DrainTimes(objects=60, cloud=60, interval=0.2)


class Way:
    """One bootstrap's steps, each of which can be done again."""

    def __init__(self, cloud: Any, session: boto3.Session, connection: Any, charts: Path, log: Log) -> None:
        self.cloud, self.session, self.connection, self.charts, self.log = (
            cloud,
            session,
            connection,
            charts,
            log,
        )
        self.kube = connection.kube
        self.keys = IamAccessKeys(session, cloud.access)
        self.key_version = 1
        self.outputs = backend_outputs(cloud.outputs, cloud.access.region)
        self.store = SecretsManager(session, cloud.access, {"EnvironmentId": UID})
        self.leftovers = AwsLeftovers(session, cloud.access, cloud.outputs["cluster_name"], cloud.outputs["vpc_id"])

    async def baseline(self, helm: Any) -> None:
        await ensure_storage_class(self.kube)
        for chart, values in (
            (NGINX_INGRESS, nginx_ingress_values()),
            (CERT_MANAGER, cert_manager_values()),
            (METRICS_SERVER, metrics_server_values()),
        ):
            await install_chart(helm, chart_install(chart, values, charts_dir=self.charts), self.log)

    async def secrets(self) -> Beta9Secrets:
        username, password = await postgres_login(self.store, self.outputs.rds_master_user_secret_arn)
        key = await encryption_key(self.store, UID)
        pair = await storage_key(
            self.store,
            self.keys,
            UID,
            self.outputs.workspace_storage_user,
            version=self.key_version,
            configured=lambda: beta9_configuration(self.kube),
        )
        return Beta9Secrets(
            postgres_username=username,
            postgres_password=password,
            encryption_key=key.value or "",
            redis_password=await cache_auth_token(self.store, self.outputs.redis_auth_secret_arn),
            workspace_access_key=pair.access_key_id,
            workspace_secret_key=pair.secret_access_key,
        )

    async def beta9(self, helm: Any, *, exposed: bool) -> None:
        await ensure_namespace(self.kube, BETA9.namespace, UID, shared=False)
        await ensure_worker_account(self.kube, self.outputs.gateway_role_arn)
        secrets = await self.secrets()
        values = beta9_values(DOCUMENT, self.outputs, secrets, exposed=exposed)
        wanted = chart_install(BETA9, values, secrets=secrets.all(), charts_dir=self.charts)
        await install_chart(helm, wanted, self.log)

    async def token(self) -> str:
        pod = await wait_for_gateway(self.kube, self.log, seconds=60, interval=0.2)
        return await claim_admin_token(self.store, UID, lambda: authorize(self.kube, pod), self.log)

    async def gateway_pod(self) -> str:
        return await wait_for_gateway(self.kube, self.log, seconds=60, interval=0.2)


async def test_there_and_back(
    cloud: Any,
    session: boto3.Session,
    connection: Any,
    charts: Path,
    helm_program: str,
    log: Log,
    lines: list[str],
) -> None:
    way = Way(cloud, session, connection, charts, log)
    async with helm_cli(connection.cluster, connection.tokens.fresh, helm_program) as helm:
        await way.baseline(helm)
        await ensure_issuer(way.kube, log, seconds=30)
        await way.beta9(helm, exposed=False)
        assert await way.kube.list(INGRESSES) == []

        arn = await way.token()
        kept = session.client("secretsmanager").get_secret_value(SecretId=arn)
        assert kept["Name"] == admin_token_name(UID)
        token = kept["SecretString"]
        assert token

        before = await way.gateway_pod()
        await way.beta9(helm, exposed=True)
        hosts = [rule["host"] for item in await way.kube.list(INGRESSES) for rule in item["spec"]["rules"]]
        assert sorted(hosts) == ["beta9.example.com", "grpc.beta9.example.com"]
        assert await way.gateway_pod() == before, "exposing the gateway must not restart it"
        assert "elb" in await ingress_address(way.kube, log, seconds=30, interval=0.2)
        assert await way.token() == arn
        assert (await way.secrets()) == (await way.secrets())

        secrets = await way.secrets()
        told = "\n".join(lines)
        for secret in (*secrets.all(), token):
            assert secret not in told

        await _drained(way, helm, session)


async def _drained(way: Way, helm: Any, session: boto3.Session) -> None:
    assert await way.leftovers.find() != []
    volumes = session.client("ec2").describe_volumes
    assert [item["Size"] for item in volumes()["Volumes"]] == [50]
    removed = await drain_cluster(way.kube, helm, way.leftovers, way.log, TIMES)
    assert removed[:4] == [
        "ingress/beta9/beta9-gateway",
        "ingress/beta9/beta9-grpc",
        "service/nginx-ingress/nginx-ingress-controller",
        "helm/beta9",
    ]
    assert await way.leftovers.find() == []
    assert volumes()["Volumes"] == []
    assert session.client("elbv2").describe_load_balancers()["LoadBalancers"] == []
    for chart in (BETA9, NGINX_INGRESS, CERT_MANAGER, METRICS_SERVER):
        assert await helm.history(chart.release, chart.namespace) == []
    again = await drain_cluster(way.kube, helm, way.leftovers, way.log, TIMES)
    assert all(entry.startswith("helm/") for entry in again)
    await schedule_secret_deletion(way.store, UID)
    await schedule_secret_deletion(way.store, UID)


async def test_what_no_controller_removes_is_removed_here(
    cloud: Any, session: boto3.Session, connection: Any, charts: Path, log: Log
) -> None:
    way = Way(cloud, session, connection, charts, log)
    elb, classic, ec2 = session.client("elbv2"), session.client("elb"), session.client("ec2")
    cluster, vpc = cloud.outputs["cluster_name"], cloud.outputs["vpc_id"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    zone = {"Subnets": [subnets[0]["SubnetId"]]}
    tags = [
        {"Key": f"kubernetes.io/cluster/{cluster}", "Value": "owned"},
        {"Key": "kubernetes.io/service-name", "Value": "shop/web"},
    ]
    balancer = elb.create_load_balancer(Name="orphan", Type="network", Tags=tags, **zone)["LoadBalancers"][0]
    elb.create_target_group(Name="orphan", Protocol="TCP", Port=80, VpcId=vpc, Tags=tags)
    listener = {"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 80}
    classic.create_load_balancer(LoadBalancerName="old", Listeners=[listener], Tags=tags, **zone)
    group = ec2.create_security_group(GroupName="k8s-elb-old", Description="x", VpcId=vpc)["GroupId"]
    ec2.create_tags(Resources=[group], Tags=tags)
    # These are not the cluster's leftovers: one has no tag, the other is EKS's own and goes with the cluster.
    mine = elb.create_load_balancer(Name="mine", Type="network", **zone)["LoadBalancers"][0]["LoadBalancerArn"]
    own = ec2.create_security_group(GroupName="eks-cluster-sg-x", Description="x", VpcId=vpc)["GroupId"]
    ec2.create_tags(Resources=[own], Tags=tags)
    try:
        found = await way.leftovers.find()
        assert sorted(item.kind for item in found) == [
            "classic load balancer",
            "load balancer",
            "security group",
            "target group",
        ]
        assert {item.owner for item in found} == {"service shop/web"}
        shared = (session, cloud.access, cluster, vpc)
        assert await AwsLeftovers(*shared, frozenset({"shop"})).find() == found
        assert await AwsLeftovers(*shared, frozenset({"beta9"})).find() == []
        times = DrainTimes(objects=5, cloud=4, interval=0.1)
        removed = await drain_cluster(way.kube, _NoReleases(), way.leftovers, log, times)
        assert {item.arn for item in found} <= set(removed)
        assert balancer["LoadBalancerArn"] in removed
        left = elb.describe_load_balancers()["LoadBalancers"]
        assert [item["LoadBalancerArn"] for item in left] == [mine]
        assert ec2.describe_security_groups(GroupIds=[own])["SecurityGroups"]
        assert await way.leftovers.find() == []
    finally:
        elb.delete_load_balancer(LoadBalancerArn=mine)
        ec2.delete_security_group(GroupId=own)


async def test_a_volume_with_data_is_named_and_kept(
    cloud: Any, session: boto3.Session, connection: Any, charts: Path, log: Log
) -> None:
    way = Way(cloud, session, connection, charts, log)
    ec2 = session.client("ec2")
    tags = {
        f"kubernetes.io/cluster/{cloud.outputs['cluster_name']}": "owned",
        "kubernetes.io/created-for/pvc/namespace": "shop",
        "kubernetes.io/created-for/pvc/name": "orders",
    }
    volume = ec2.create_volume(
        Size=1,
        AvailabilityZone="us-east-1a",
        TagSpecifications=[{"ResourceType": "volume", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}],
    )["VolumeId"]
    try:
        with pytest.raises(Failure) as caught:
            await drain_cluster(
                way.kube, _NoReleases(), way.leftovers, log, DrainTimes(objects=5, cloud=0.5, interval=0.1)
            )
        assert caught.value.reason == "DRAIN_BLOCKED"
        assert f"volume/{volume}" in caught.value.message
        assert "claim shop/orders" in caught.value.message
        shared = (session, cloud.access, cloud.outputs["cluster_name"], cloud.outputs["vpc_id"])
        assert await AwsLeftovers(*shared, frozenset({"beta9"})).find() == []
        assert ec2.describe_volumes(VolumeIds=[volume])["Volumes"]
    finally:
        ec2.delete_volume(VolumeId=volume)


async def test_a_cluster_that_is_not_there_is_drained(
    cloud: Any, session: boto3.Session, connection: Any, log: Log
) -> None:
    nowhere = AwsLeftovers(session, cloud.access, "never-was", cloud.outputs["vpc_id"])
    assert await drain_cluster(connection.kube, _NoReleases(), nowhere, log, TIMES) == []


async def test_a_pod_that_is_not_there_cannot_be_asked(connection: Any) -> None:
    with pytest.raises(Failure) as caught:
        await check_health(connection.kube, "no-such-pod")
    assert caught.value.reason == "PORT_FORWARD_FAILED"
    assert caught.value.retryable


async def test_a_secret_comes_back_from_its_deletion(cloud: Any, session: boto3.Session) -> None:
    store = SecretsManager(session, cloud.access, {"EnvironmentId": UID})
    made = await store.create_once("it/again", "value")
    await store.schedule_deletion("it/again", 30)
    assert await store.find("it/again") is None
    with pytest.raises(Failure, match="SECRET_NOT_FOUND"):
        await store.read("it/again")
    back = await asyncio.gather(*(store.create_once("it/again", "other") for _ in range(3)))
    assert {item.value for item in back} == {"value"}
    assert {item.arn for item in back} == {made.arn}
    described = session.client("secretsmanager").describe_secret(SecretId="it/again")
    assert described["Tags"] == [{"Key": "EnvironmentId", "Value": UID}]
    assert json.dumps(described, default=str).count("value") == 0


class _NoReleases:
    """A Helm for clusters that have none."""

    async def history(self, release: str, namespace: str) -> list[Any]:
        return []

    async def upgrade(self, install: Any, log: Log) -> None:
        raise AssertionError("nothing is installed here")

    async def rollback(self, release: str, namespace: str, revision: int, log: Log) -> None:
        raise AssertionError("nothing is rolled back here")

    async def uninstall(self, release: str, namespace: str, log: Log) -> None:
        pass
