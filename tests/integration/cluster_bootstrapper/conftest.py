"""A sandbox cloud of its own for this folder: an account, a role, a cluster with nodes, and Beta9's backends.

The cloud is another process, reached as AWS is. What Terraform would build is made here by API, once a run.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from libs.aws_access import AwsAccess
from libs.aws_access.sessions import session_for
from services.cluster_bootstrapper.cluster import Cluster, cluster
from services.cluster_bootstrapper.kube_api import KubeApi
from services.cluster_bootstrapper.kubeconfig import TokenCache, eks_token, sts_token_endpoint
from services.cluster_bootstrapper.outputs import ClusterOutputs, cluster_outputs
from services.cluster_bootstrapper.ports import Log

REPOSITORY = Path(__file__).resolve().parents[3]
CHARTS = REPOSITORY / "libs" / "sandbox" / "charts"
REGION = "us-east-1"
PLATFORM, CUSTOMER = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{CUSTOMER}:role/Beta9Provisioner"
EXTERNAL_ID = "b9-integration"
CLUSTER = "beta9-it"
_DATABASE: dict[str, Any] = {
    "DBInstanceIdentifier": "beta9-it",
    "Engine": "postgres",
    "DBInstanceClass": "db.t3.small",
    "AllocatedStorage": 20,
    "DBName": "beta9",
    "MasterUsername": "beta9",
    "MasterUserPassword": "Abcdefgh1234canary",
    "DBSubnetGroupName": "it",
}


@dataclass(frozen=True)
class Cloud:
    """Where the sandbox is, and what was built in it, by the names of Terraform's outputs."""

    url: str
    access: AwsAccess
    outputs: dict[str, Any]

    @property
    def cluster(self) -> ClusterOutputs:
        return cluster_outputs(self.outputs, REGION)


@dataclass(frozen=True)
class Connection:
    """A cluster, its API and its tokens."""

    cluster: Cluster
    kube: KubeApi
    tokens: TokenCache


def connect(session: boto3.Session, outputs: ClusterOutputs) -> Connection:
    """A connection as the service makes one."""
    target = cluster(
        outputs.cluster_name,
        outputs.region,
        outputs.cluster_endpoint,
        outputs.cluster_certificate_authority_data,
    )
    endpoint = sts_token_endpoint(os.environ, outputs.region)
    tokens = TokenCache(lambda: eks_token(session, target.name, target.region, endpoint))
    return Connection(target, KubeApi(target, tokens), tokens)


@pytest.fixture(scope="session")
def helm_program() -> str:
    found = shutil.which("helm", path=f"{REPOSITORY / '.tools' / 'bin'}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.fail("helm is not installed: run make setup")
    return found


@pytest.fixture(scope="session")
def charts() -> Path:
    return CHARTS


@pytest.fixture(scope="session")
def sandbox_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("sandbox")
    argv = [sys.executable, "-m", "libs.sandbox", "serve", "--port", "0", "--state-dir", str(folder)]
    with (folder / "log").open("w") as errors:
        process = subprocess.Popen(
            argv, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("sandbox ready at "), (folder / "log").read_text()[-2000:]
            yield line.removeprefix("sandbox ready at ").strip()
        finally:
            process.terminate()
            process.wait(60)
            if process.stdout is not None:
                process.stdout.close()


@pytest.fixture(scope="session")
def cloud(sandbox_url: str) -> Iterator[Cloud]:
    """The account as Terraform would leave it. The SDK of this process is the platform's from here on."""
    key = _administrator(sandbox_url, PLATFORM)
    settings = {
        "AWS_ENDPOINT_URL": sandbox_url,
        "AWS_ACCESS_KEY_ID": key["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": key["secret_access_key"],
        "AWS_DEFAULT_REGION": REGION,
    }
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        _make_role(sandbox_url)
        access = AwsAccess(CUSTOMER, REGION, ROLE, EXTERNAL_ID)
        yield Cloud(sandbox_url, access, _build(session_for(access, "build")))
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@pytest.fixture
def session(cloud: Cloud) -> boto3.Session:
    return session_for(cloud.access, "integration")


@pytest.fixture
def connection(cloud: Cloud, session: boto3.Session) -> Connection:
    return connect(session, cloud.cluster)


@pytest.fixture
def database(session: boto3.Session) -> Iterator[str]:
    """The endpoint of a database of the test's own: a gateway gives its first token once a database."""
    rds, name = session.client("rds"), f"beta9-{secrets.token_hex(4)}"
    rds.create_db_instance(**{**_DATABASE, "DBInstanceIdentifier": name})
    rds.get_waiter("db_instance_available").wait(
        DBInstanceIdentifier=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    address = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]["Endpoint"]
    yield f"{address['Address']}:{address['Port']}"
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)


@pytest.fixture
def connected_to(session: boto3.Session) -> Callable[[ClusterOutputs], Connection]:
    """Connections to clusters that are not quite ours."""
    return lambda outputs: connect(session, outputs)


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def log(lines: list[str]) -> Log:
    async def keep(line: str) -> None:
        lines.append(line)

    return keep


def _administrator(url: str, account: str) -> dict[str, str]:
    request = urllib.request.Request(f"{url}/sandbox/accounts/{account}", method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        key: dict[str, str] = json.load(answer)
    return key


def _make_role(url: str) -> None:
    key = _administrator(url, CUSTOMER)
    iam = boto3.client(
        "iam",
        aws_access_key_id=key["access_key_id"],
        aws_secret_access_key=key["secret_access_key"],
    )
    trust = _policy(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{PLATFORM}:root"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
        }
    )
    iam.create_role(RoleName="Beta9Provisioner", AssumeRolePolicyDocument=trust)
    everything = _policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
    iam.put_role_policy(RoleName="Beta9Provisioner", PolicyName="all", PolicyDocument=everything)


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _service_role(iam: Any, name: str, service: str) -> str:
    trust = _policy({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})
    return str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])


def _build(session: boto3.Session) -> dict[str, Any]:
    ec2, iam = session.client("ec2"), session.client("iam")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = []
    for number, zone in enumerate(("a", "b")):
        made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")
        subnets.append(made["Subnet"]["SubnetId"])
    tags = {f"kubernetes.io/cluster/{CLUSTER}": "shared", "kubernetes.io/role/elb": "1"}
    ec2.create_tags(Resources=subnets, Tags=[{"Key": k, "Value": v} for k, v in tags.items()])
    cluster = _cluster(session, iam, subnets)
    return {
        "vpc_id": vpc,
        "cluster_name": CLUSTER,
        "cluster_endpoint": cluster["endpoint"],
        "cluster_certificate_authority_data": cluster["certificateAuthority"]["data"],
        "gateway_role_arn": _service_role(iam, "beta9-it-gateway", "ec2.amazonaws.com"),
        **_backends(session, iam, subnets),
    }


def _cluster(session: boto3.Session, iam: Any, subnets: list[str]) -> Any:
    eks = session.client("eks")
    eks.create_cluster(
        name=CLUSTER,
        roleArn=_service_role(iam, "beta9-it-cluster", "eks.amazonaws.com"),
        resourcesVpcConfig={"subnetIds": subnets},
        accessConfig={"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": True},
    )
    eks.get_waiter("cluster_active").wait(name=CLUSTER, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    eks.create_nodegroup(
        clusterName=CLUSTER,
        nodegroupName="system",
        scalingConfig={"minSize": 1, "maxSize": 3, "desiredSize": 2},
        subnets=subnets,
        instanceTypes=["t3.large"],
        nodeRole=_service_role(iam, "beta9-it-node", "ec2.amazonaws.com"),
    )
    eks.create_addon(clusterName=CLUSTER, addonName="aws-ebs-csi-driver")
    eks.get_waiter("nodegroup_active").wait(
        clusterName=CLUSTER, nodegroupName="system", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    return eks.describe_cluster(name=CLUSTER)["cluster"]


def _backends(session: boto3.Session, iam: Any, subnets: list[str]) -> dict[str, Any]:
    rds, cache, s3 = session.client("rds"), session.client("elasticache"), session.client("s3")
    secret = session.client("secretsmanager").create_secret(
        Name="beta9/it/postgres",
        SecretString=json.dumps({"username": "beta9", "password": _DATABASE["MasterUserPassword"]}),
    )
    rds.create_db_subnet_group(DBSubnetGroupName="it", DBSubnetGroupDescription="it", SubnetIds=subnets)
    rds.create_db_instance(**_DATABASE)
    address = rds.describe_db_instances()["DBInstances"][0]["Endpoint"]
    cache.create_cache_parameter_group(
        CacheParameterGroupName="it", CacheParameterGroupFamily="valkey8", Description="it"
    )
    cache.modify_cache_parameter_group(
        CacheParameterGroupName="it",
        ParameterNameValues=[{"ParameterName": "notify-keyspace-events", "ParameterValue": "AKE"}],
    )
    cache.create_cache_subnet_group(CacheSubnetGroupName="it", CacheSubnetGroupDescription="it", SubnetIds=subnets)
    cache.create_replication_group(
        ReplicationGroupId="beta9-it",
        ReplicationGroupDescription="it",
        Engine="valkey",
        EngineVersion="8.0",
        CacheNodeType="cache.t3.small",
        NumCacheClusters=2,
        AutomaticFailoverEnabled=True,
        TransitEncryptionEnabled=True,
        CacheParameterGroupName="it",
        CacheSubnetGroupName="it",
    )
    # As the engine does it: a token is set by API once the group is there.
    token = "CacheTokenCanary1234"
    for strategy in ("ROTATE", "SET"):
        cache.modify_replication_group(
            ReplicationGroupId="beta9-it", AuthToken=token, AuthTokenUpdateStrategy=strategy, ApplyImmediately=True
        )
    auth = session.client("secretsmanager").create_secret(
        Name="beta9/it/cache", SecretString=json.dumps({"auth_token": token, "version": 1, "progress": "set"})
    )
    group = cache.describe_replication_groups()["ReplicationGroups"][0]
    primary = group["NodeGroups"][0]["PrimaryEndpoint"]
    s3.create_bucket(Bucket="beta9-it-data")
    iam.create_user(UserName="beta9-it-workspaces")
    return {
        "rds_endpoint": f"{address['Address']}:{address['Port']}",
        "rds_master_user_secret_arn": secret["ARN"],
        "redis_endpoint": primary["Address"],
        "redis_port": primary["Port"],
        "redis_auth_secret_arn": auth["ARN"],
        "bucket_name": "beta9-it-data",
        "workspace_storage_user": "beta9-it-workspaces",
        "workspace_bucket_prefix": "beta9-it-ws",
    }
