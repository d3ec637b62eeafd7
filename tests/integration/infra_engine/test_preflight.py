"""Each finding once, against a cloud, and nothing where nothing is wrong."""

import asyncio
import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import boto3
import pytest
from botocore.config import Config

from libs.aws_access import AwsAccess
from libs.embedded.cloud import PLATFORM_ACCOUNT
from libs.embedded.onboarding import onboard
from libs.failures import Failure
from scripts.iam import sources
from services.infra_engine.kept import final_snapshots
from services.infra_engine.preflight.findings import Finding
from services.infra_engine.preflight.preflight import completed, preflight
from services.infra_engine.stacks.aws.names import resource_names
from services.infra_engine.stacks.stack_input import (
    AwsAccount,
    AwsCalls,
    Cluster,
    Network,
    NodeGroup,
    Postgres,
    Redis,
    StackInput,
    State,
)
from tests.integration.infra_engine.conftest import Cloud

PLATFORM = "999900000001"
_ACCOUNTS = count(600000000000)
_ROLE = "Beta9Provisioner"
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"AWS": f"arn:aws:iam::{PLATFORM}:root"},
            "Condition": {"StringEquals": {"sts:ExternalId": "external"}},
        }
    ],
}
_ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


@dataclass(frozen=True)
class Customer:
    """A customer's account in the cloud: its administrator acts by `client`, the platform by `access`."""

    cloud: Cloud
    account_id: str
    keys: dict[str, str]
    clients: dict[str, Any] = field(default_factory=dict)

    @property
    def role_arn(self) -> str:
        return f"arn:aws:iam::{self.account_id}:role/{_ROLE}"

    @property
    def access(self) -> AwsAccess:
        return AwsAccess(self.account_id, "us-east-1", self.role_arn, "external")

    @property
    def document(self) -> StackInput:
        return StackInput(
            workspace="acme",
            environment="production",
            uid=f"uid-{self.account_id}",
            account=AwsAccount(self.account_id, "us-east-1", self.role_arn, "external"),
            domain="beta9.example",
            aws_calls=AwsCalls(s3_path_style=True),
        )

    def client(self, service: str) -> Any:
        make: Callable[..., Any] = boto3.client
        if service in self.clients:
            return self.clients[service]
        self.clients[service] = make(
            service,
            region_name="us-east-1",
            endpoint_url=self.keys["AWS_ENDPOINT_URL"],
            aws_access_key_id=self.keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.keys["AWS_SECRET_ACCESS_KEY"],
            config=Config(s3={"addressing_style": "path"} if service == "s3" else None),
        )
        return self.clients[service]

    def ask(self, method: str, what: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
        url = f"{self.cloud.url}/sandbox/accounts/{self.account_id}/{what}"
        data = json.dumps(content or {}).encode()
        with urllib.request.urlopen(urllib.request.Request(url, data, method=method)) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def grant(self, service: str, code: str, value: float) -> None:
        self.ask("POST", "quotas", {"service": service, "code": code, "value": value})


@pytest.fixture
def customer(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Customer:
    """An account with the role as it should be, and quotas that let the small profile in."""
    for name, value in cloud.variables(PLATFORM).items():
        monkeypatch.setenv(name, value)
    made = Customer(cloud, str(next(_ACCOUNTS)), {})
    made.keys.update(cloud.variables(made.account_id))
    iam = made.client("iam")
    iam.create_role(RoleName=_ROLE, AssumeRolePolicyDocument=json.dumps(_TRUST))
    iam.attach_role_policy(RoleName=_ROLE, PolicyArn=_ADMINISTRATOR)
    made.grant("ec2", "L-1216C47A", 64)
    return made


def told(found: list[Finding]) -> list[tuple[str, str, bool]]:
    return [(one.reason, one.field, one.blocking) for one in found]


async def run(customer: Customer, document: StackInput | None = None) -> list[Finding]:
    return await preflight(customer.access, document or customer.document, None)


async def one(customer: Customer, document: StackInput | None = None) -> Finding:
    (found,) = await run(customer, document)
    return found


async def test_an_account_that_is_fine_has_no_finding_and_is_not_touched(customer: Customer) -> None:
    before = customer.cloud.inventory(customer.account_id)
    assert await run(customer) == []
    assert customer.cloud.inventory(customer.account_id) == before
    called = customer.ask("GET", "actions")["actions"]
    verbs = ("Describe", "List", "Get", "Simulate")
    assert called
    assert all(action.partition(":")[2].startswith(verbs) for action in called), called


async def test_a_role_that_is_not_there_is_the_only_finding(customer: Customer) -> None:
    absent = replace(customer.access, role_arn=customer.role_arn + "X")
    (found,) = await preflight(absent, customer.document, None)
    assert (found.reason, found.field) == ("ROLE_NOT_ASSUMABLE", "cloud.role_arn")
    assert "external" in found.remedy


async def test_a_role_that_anybody_of_the_platform_may_assume(customer: Customer) -> None:
    statement = {key: value for key, value in _TRUST["Statement"][0].items() if key != "Condition"}  # type: ignore[attr-defined]
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    customer.client("iam").update_assume_role_policy(RoleName=_ROLE, PolicyDocument=document)
    assert (await one(customer)).reason == "EXTERNAL_ID_NOT_REQUIRED"


async def test_the_platforms_own_trouble_is_no_finding(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAAAAAAAAAAAAAAAAA")
    with pytest.raises(Failure) as caught:
        await run(customer)
    assert caught.value.reason == "PLATFORM_CREDENTIALS_INVALID"


async def test_all_findings_come_at_once(customer: Customer) -> None:
    document = replace(
        customer.document,
        kms_key_arn=f"arn:aws:kms:us-east-1:{customer.account_id}:key/11111111-1111-1111-1111-111111111111",
        state=State(
            kms_key_arn=f"arn:aws:kms:us-east-1:{customer.account_id}:key/22222222-2222-2222-2222-222222222222"
        ),
        permissions_boundary_arn=f"arn:aws:iam::{customer.account_id}:policy/none",
        network=Network(zone_ids=("use1-az1", "use1-az99")),
        postgres=Postgres(instance_class="db.x9.large"),
        cluster=Cluster(
            version="1.20",
            node_groups=(
                NodeGroup("fast", instance_types=("x9.large",)),
                NodeGroup("gpu", gpu_type="L4", capacity_reservation_id="cr-0123456789abcdef0"),
            ),
        ),
    )
    assert {(one.reason, one.field) for one in await run(customer, document) if one.blocking} == {
        ("KMS_KEY_NOT_FOUND", "cloud.kms_key_arn"),
        ("KMS_KEY_NOT_FOUND", "state.kms_key_arn"),
        ("PERMISSIONS_BOUNDARY_NOT_FOUND", "cloud.permissions_boundary_arn"),
        ("ZONE_UNKNOWN", "network.zone_ids[1]"),
        ("DATABASE_CLASS_NOT_OFFERED", "data.postgres.instance_class"),
        ("KUBERNETES_VERSION_UNSUPPORTED", "cluster.version"),
        ("INSTANCE_TYPE_NOT_OFFERED", "cluster.node_groups[0].instance_types"),
        ("RESERVATION_NOT_FOUND", "beta9.workers.capacity_reservation_id"),
    }


async def test_quotas_count_what_runs_but_not_what_is_ours(customer: Customer) -> None:
    customer.grant("ec2", "L-1216C47A", 7)
    customer.grant("ec2", "L-0263D0A3", 1)
    customer.grant("vpc", "L-F678F1CE", 1)
    ec2, document = customer.client("ec2"), customer.document
    ec2.allocate_address(Domain="vpc")
    image = ec2.register_image(Name="one", RootDeviceName="/dev/xvda")["ImageId"]
    launch = {"ImageId": image, "InstanceType": "t3.large", "MinCount": 1, "MaxCount": 1}
    ec2.run_instances(**launch)
    own = [{"ResourceType": "instance", "Tags": [{"Key": "EnvironmentId", "Value": document.uid}]}]
    ec2.run_instances(**launch, TagSpecifications=own)
    found = {one.reason: (one.number, one.limit) for one in await run(customer, document)}
    assert found == {
        "VCPU_QUOTA_BELOW_MAX": (8, 7),
        "ADDRESS_QUOTA_TOO_LOW": (2, 1),
        "VPC_QUOTA_TOO_LOW": (2, 1),
    }


async def test_everything_that_is_counted_counts_what_others_have(customer: Customer) -> None:
    document = customer.document
    names, own = resource_names(document), [{"Key": "EnvironmentId", "Value": document.uid}]
    ec2, rds, cache, s3 = [customer.client(name) for name in ("ec2", "rds", "elasticache", "s3")]
    database = {"Engine": "postgres", "DBInstanceClass": "db.t3.small", "AllocatedStorage": 20, "MasterUsername": "b"}
    for name, its_tags in ((names["database"], own), ("theirs", [])):
        rds.create_db_instance(DBInstanceIdentifier=name, MasterUserPassword="abcDEF123456", Tags=its_tags, **database)
    zones = [{"Name": "default-for-az", "Values": ["true"]}]
    subnets = [one["SubnetId"] for one in ec2.describe_subnets(Filters=zones)["Subnets"]][:2]
    cache.create_cache_subnet_group(
        CacheSubnetGroupName="theirs", CacheSubnetGroupDescription="theirs", SubnetIds=subnets
    )
    for name in (names["cache"], "theirs"):
        cache.create_replication_group(
            ReplicationGroupId=name, ReplicationGroupDescription="x", NumCacheClusters=2, Engine="valkey",
            CacheNodeType="cache.t3.small", CacheSubnetGroupName="theirs", AutomaticFailoverEnabled=True, Tags=own,
        )  # fmt: skip
    state = f"beta9-tf-state-{customer.account_id}-us-east-1"
    for name in (names["bucket"], f"theirs-{customer.account_id}"):
        s3.create_bucket(Bucket=name)
    s3.put_bucket_tagging(Bucket=names["bucket"], Tagging={"TagSet": own})
    control = customer.client("iam").create_role(
        RoleName="control", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": []})
    )["Role"]["Arn"]
    customer.client("eks").create_cluster(
        name="theirs", version="1.35", roleArn=control, resourcesVpcConfig={"subnetIds": subnets}
    )
    groups = len(ec2.describe_security_groups()["SecurityGroups"])
    assert await run(customer, document) == []
    limits = {
        "eks": [("L-1194D53C", 1), ("L-6D54EA21", 0)], "rds": [("L-7B6409FD", 1)], "s3": [("L-DC2B2D3D", 2)],
        "elasticache": [("L-DFE45DF3", 3)], "vpc": [("L-E79EC296", groups + 3)],
    }  # fmt: skip
    for service, quotas in limits.items():
        for code, value in quotas:
            customer.grant(service, code, value)
    found = {one.reason: (one.number, one.limit) for one in await run(customer, document)}
    assert found == {
        "CLUSTER_QUOTA_TOO_LOW": (2, 1),
        "NODE_GROUP_QUOTA_TOO_LOW": (1, 0),
        "DATABASE_QUOTA_TOO_LOW": (2, 1),
        "BUCKET_QUOTA_TOO_LOW": (3, 2),
        "CACHE_NODE_QUOTA_TOO_LOW": (4, 3),
        "SECURITY_GROUP_QUOTA_TOO_LOW": (groups + 4, groups + 3),
    }
    s3.create_bucket(Bucket=state)
    assert (3, 2) in [(one.number, one.limit) for one in await run(customer, document)], "the state's counts once"
    named = replace(document, state=State(bucket=f"theirs-{customer.account_id}"))
    again = {one.reason: one.number for one in await run(customer, named)}
    assert again["BUCKET_QUOTA_TOO_LOW"] == 3, "the shared one is another's now, and theirs is the state's"


async def test_a_cache_type_that_is_not_sold_is_noted(customer: Customer) -> None:
    found = await one(customer, replace(customer.document, redis=Redis(node_type="cache.x9.large")))
    assert (found.reason, found.field) == ("CACHE_TYPE_NOT_OFFERED", "data.redis.node_type")


async def test_gpus_have_a_quota_of_their_own(customer: Customer) -> None:
    document = replace(
        customer.document, cluster=Cluster(node_groups=(NodeGroup("gpu", gpu_type="T4", min_size=1, max_size=2),))
    )
    found = await one(customer, document)
    assert (found.reason, found.number, found.limit) == ("VCPU_QUOTA_TOO_LOW", 4, 0)
    assert "L-DB2E81BA" in found.remedy
    assert "at least 8" in found.remedy


async def test_missing_permissions_are_found_by_simulation(customer: Customer) -> None:
    iam = customer.client("iam")
    deny = {"Effect": "Deny", "Action": ["eks:CreateCluster", "rds:CreateDBInstance"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    iam.put_role_policy(RoleName=_ROLE, PolicyName="deny", PolicyDocument=document)
    found = await run(customer)
    assert told(found) == [("PERMISSION_MISSING", "cloud.role_arn", True)] * 2
    assert "eks:CreateCluster" in found[0].message
    assert "rds:CreateDBInstance" in found[1].message


async def test_a_role_as_the_sandbox_onboards_it_has_the_rights_of_deploy_iam(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in cloud.variables(PLATFORM_ACCOUNT).items():
        monkeypatch.setenv(name, value)
    made = Customer(cloud, str(next(_ACCOUNTS)), {})
    made.keys.update(cloud.variables(made.account_id))
    made.grant("ec2", "L-1216C47A", 64)
    for _ in range(2):
        await onboard(cloud.url, made.role_arn, "external")
    iam = made.client("iam")
    attached = iam.list_attached_role_policies(RoleName=_ROLE)["AttachedPolicies"]
    assert {one["PolicyName"] for one in attached} == {f"{_ROLE}-{name}" for name in sources.POLICIES}
    assert iam.list_role_policies(RoleName=_ROLE)["PolicyNames"] == []
    assert await run(made) == []
    iam.detach_role_policy(RoleName=_ROLE, PolicyArn=f"arn:aws:iam::{made.account_id}:policy/{_ROLE}-destroy")
    assert {one.reason for one in await run(made)} == {"PERMISSION_MISSING"}


async def test_final_snapshots_are_listed_where_the_role_may(customer: Customer) -> None:
    """A delete of an environment whose role has the policies of an earlier release ends as it did then."""
    names, rds = resource_names(customer.document), customer.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier=names["database"], Engine="postgres", DBInstanceClass="db.t3.small", AllocatedStorage=20,
        MasterUsername="b", MasterUserPassword="abcDEF123456",
    )  # fmt: skip
    for name in ("by-hand", names["final_snapshot"], f"{names['final_snapshot']}-abc"):
        rds.create_db_snapshot(DBInstanceIdentifier=names["database"], DBSnapshotIdentifier=name)
    final = [names["final_snapshot"], f"{names['final_snapshot']}-abc"]
    assert await asyncio.to_thread(final_snapshots, customer.access, names) == final
    customer.cloud.fail("rds", "DescribeDBSnapshots", "AccessDenied", status=403)
    assert await asyncio.to_thread(final_snapshots, customer.access, names) is None


async def test_a_check_that_the_role_may_not_make_is_said_and_stops_nothing(customer: Customer) -> None:
    customer.cloud.fail("ec2", "DescribeAddresses", "UnauthorizedOperation", status=403)
    customer.cloud.fail("servicequotas", "ListServiceQuotas", "AccessDeniedException", status=400)
    found = await run(customer)
    assert [(one.reason, one.blocking) for one in found] == [("CHECK_NOT_MADE", False)] * 2
    assert {
        word
        for one in found
        for word in ("ec2:DescribeAddresses", "servicequotas:ListServiceQuotas")
        if word in one.message
    } == {
        "ec2:DescribeAddresses",
        "servicequotas:ListServiceQuotas",
    }


async def test_throttling_is_waited_out(customer: Customer) -> None:
    customer.cloud.fail("ec2", "DescribeVpcs", "RequestLimitExceeded", count=2, status=503)
    assert await run(customer) == []


async def test_names_that_others_have_and_names_of_our_own(customer: Customer) -> None:
    document, s3 = customer.document, customer.client("s3")
    names = resource_names(document)
    s3.create_bucket(Bucket=names["bucket"])
    rds = {"DBInstanceIdentifier": names["database"], "Engine": "postgres", "DBInstanceClass": "db.t3.small"}
    own = [{"Key": "EnvironmentId", "Value": document.uid}]
    customer.client("rds").create_db_instance(
        **rds, AllocatedStorage=20, MasterUsername="b", MasterUserPassword="abcDEF123456", Tags=own
    )
    customer.client("logs").create_log_group(logGroupName=names["cluster_log_group"])
    found = await run(customer, document)
    assert told(found) == [
        ("NAME_TAKEN", "data.object_store.bucket_prefix", True),
        ("NAME_TAKEN", "cluster", True),
    ]
    s3.put_bucket_tagging(Bucket=names["bucket"], Tagging={"TagSet": own})
    assert [one.field for one in await run(customer, document)] == ["cluster"]


async def test_a_bucket_of_another_account(customer: Customer) -> None:
    other = Customer(customer.cloud, str(next(_ACCOUNTS)), {})
    other.keys.update(customer.cloud.variables(other.account_id))
    other.client("s3").create_bucket(Bucket=resource_names(customer.document)["bucket"])
    assert (await one(customer)).message.startswith("Another account has an S3 bucket")


@dataclass(frozen=True)
class OwnVpc:
    """A VPC of the customer's: two private subnets with a NAT gateway and a public one."""

    vpc_id: str
    private: tuple[str, str]
    public: str
    private_routes: str


def own_vpc(customer: Customer) -> OwnVpc:
    ec2 = customer.client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
        ec2.modify_vpc_attribute(VpcId=vpc_id, **{attribute: {"Value": True}})

    def subnet(number: int, letter: str, role: str) -> str:
        tags = [{"ResourceType": "subnet", "Tags": [{"Key": f"kubernetes.io/role/{role}", "Value": "1"}]}]
        made = ec2.create_subnet(
            VpcId=vpc_id,
            CidrBlock=f"10.7.{number}.0/24",
            AvailabilityZone=f"us-east-1{letter}",
            TagSpecifications=tags,
        )
        return str(made["Subnet"]["SubnetId"])

    private = (subnet(1, "a", "internal-elb"), subnet(2, "b", "internal-elb"))
    public = subnet(3, "a", "elb")
    internet = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=internet, VpcId=vpc_id)
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=allocation)["NatGateway"]["NatGatewayId"]
    tables = []
    for subnets, target in (((public,), {"GatewayId": internet}), (private, {"NatGatewayId": nat})):
        table = ec2.create_route_table(VpcId=vpc_id)["RouteTable"]["RouteTableId"]
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target)
        for one in subnets:
            ec2.associate_route_table(RouteTableId=table, SubnetId=one)
        tables.append(table)
    return OwnVpc(vpc_id, private, public, tables[1])


async def test_a_vpc_of_the_customers(customer: Customer) -> None:
    vpc, ec2 = own_vpc(customer), customer.client("ec2")
    network = Network(
        existing_vpc_id=vpc.vpc_id,
        existing_private_subnet_ids=vpc.private,
        existing_public_subnet_ids=(vpc.public,),
    )
    document = replace(customer.document, network=network)
    assert await run(customer, document) == []
    ec2.delete_route(RouteTableId=vpc.private_routes, DestinationCidrBlock="0.0.0.0/0")
    ec2.delete_tags(Resources=[vpc.public], Tags=[{"Key": "kubernetes.io/role/elb"}])
    ec2.modify_vpc_attribute(VpcId=vpc.vpc_id, EnableDnsHostnames={"Value": False})
    assert told(await run(customer, document)) == [
        ("VPC_DNS_DISABLED", "network.existing_vpc_id", True),
        ("SUBNET_WITHOUT_DEFAULT_ROUTE", "network.existing_private_subnet_ids[0]", True),
        ("SUBNET_WITHOUT_DEFAULT_ROUTE", "network.existing_private_subnet_ids[1]", True),
        ("SUBNET_TAG_MISSING", "network.existing_public_subnet_ids[0]", False),
    ]
    absent = replace(document, network=replace(network, existing_vpc_id="vpc-0123456789abcdef0"))
    assert [one.reason for one in await run(customer, absent)] == ["VPC_NOT_FOUND"]


async def test_address_spaces_that_meet(customer: Customer) -> None:
    ec2 = customer.client("ec2")
    one_vpc, other = (ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"] for cidr in ("10.0.0.0/16", "10.1.0.0/16"))
    assert await run(customer) == []
    peering = ec2.create_vpc_peering_connection(VpcId=one_vpc, PeerVpcId=other)["VpcPeeringConnection"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering["VpcPeeringConnectionId"])
    found = await one(customer)
    assert (found.reason, found.blocking) == ("CIDR_OVERLAPS", False)
    assert one_vpc in found.message


def open_to(customer: Customer, vpc_id: str, cluster: dict[str, Any], uid: str) -> str:
    """The id of the security group of an environment's database in a cluster, as the stack makes it."""
    ec2 = customer.client("ec2")
    its_tags = [{"Key": "EnvironmentId", "Value": uid}, {"Key": "ManagedBy", "Value": "beta9-provisioning"}]
    made = ec2.create_security_group(
        GroupName="stores", Description="stores", VpcId=vpc_id,
        TagSpecifications=[{"ResourceType": "security-group", "Tags": its_tags}],
    )  # fmt: skip
    admitted = [{"GroupId": cluster["resourcesVpcConfig"]["clusterSecurityGroupId"]}]
    port = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432}
    ec2.authorize_security_group_ingress(
        GroupId=made["GroupId"], IpPermissions=[{**port, "UserIdGroupPairs": admitted}]
    )
    return str(made["GroupId"])


async def test_a_cluster_of_the_customers(customer: Customer) -> None:
    vpc, eks = own_vpc(customer), customer.client("eks")
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    control = customer.client("iam").create_role(RoleName="control", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    document = replace(customer.document, cluster=Cluster(existing_name="theirs"))
    assert (await one(customer, document)).reason == "CLUSTER_NOT_FOUND"
    eks.create_cluster(
        name="theirs",
        version="1.35",
        roleArn=control,
        resourcesVpcConfig={"subnetIds": list(vpc.private)},
        accessConfig={"authenticationMode": "API"},
    )
    issuer = eks.describe_cluster(name="theirs")["cluster"]["identity"]["oidc"]["issuer"]
    known = (await completed(customer.access, document)).cluster
    assert known.create_oidc_provider and known.existing_access_entries
    assert told(await run(customer, document)) == [
        ("CLUSTER_ACCESS_MISSING", "cluster.existing_cluster_name", True),
        ("CLUSTER_UNREACHABLE", "cluster.existing_cluster_name", True),
        ("EBS_CSI_DRIVER_NOT_FOUND", "cluster.existing_cluster_name", False),
    ]
    eks.create_access_entry(clusterName="theirs", principalArn=customer.role_arn)
    eks.associate_access_policy(
        clusterName="theirs",
        principalArn=customer.role_arn,
        policyArn="arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        accessScope={"type": "cluster"},
    )
    eks.create_addon(clusterName="theirs", addonName="aws-ebs-csi-driver")
    assert [one.reason for one in await run(customer, document)] == ["CLUSTER_UNREACHABLE"]
    iam = customer.client("iam")
    provider = iam.create_open_id_connect_provider(Url=issuer, ClientIDList=["sts.amazonaws.com"])
    assert not (await completed(customer.access, document)).cluster.create_oidc_provider
    assert [one.reason for one in await run(customer, document)] == ["CLUSTER_UNREACHABLE"]
    tag = {"OpenIDConnectProviderArn": provider["OpenIDConnectProviderArn"]}
    iam.tag_open_id_connect_provider(**tag, Tags=[{"Key": "EnvironmentId", "Value": "another"}])
    assert [one.reason for one in await run(customer, document)] == ["CLUSTER_UNREACHABLE", "CLUSTER_OCCUPIED"]
    iam.untag_open_id_connect_provider(**tag, TagKeys=["EnvironmentId"])
    stores = open_to(customer, vpc.vpc_id, eks.describe_cluster(name="theirs")["cluster"], "another")
    assert [one.reason for one in await run(customer, document)] == ["CLUSTER_UNREACHABLE", "CLUSTER_OCCUPIED"]
    customer.client("ec2").create_tags(Resources=[stores], Tags=[{"Key": "EnvironmentId", "Value": document.uid}])
    assert [one.reason for one in await run(customer, document)] == ["CLUSTER_UNREACHABLE"]
    iam.tag_open_id_connect_provider(**tag, Tags=[{"Key": "EnvironmentId", "Value": document.uid}])
    assert [one.reason for one in await run(customer, document)] == ["CLUSTER_UNREACHABLE"]
    assert (await completed(customer.access, document)).cluster.create_oidc_provider


async def test_no_plan_takes_down_what_aws_has_raised(customer: Customer) -> None:
    eks, document = customer.client("eks"), customer.document
    kept, lower = (replace(document, cluster=Cluster(version=version)) for version in ("1.35", "1.34"))
    assert (await completed(customer.access, kept)).cluster.version == "1.35"
    assert (await completed(customer.access, document)).cluster.version is None
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    control = customer.client("iam").create_role(RoleName="control", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    name, subnets = resource_names(document)["cluster"], list(own_vpc(customer).private)
    eks.create_cluster(
        name=name, version="1.35", roleArn=control, resourcesVpcConfig={"subnetIds": subnets},
        tags={"EnvironmentId": document.uid},
    )  # fmt: skip
    assert (await completed(customer.access, document)).cluster.version == "1.35", "and no newer default"
    assert told(await run(customer, kept)) == []
    eks.get_waiter("cluster_active").wait(name=name, WaiterConfig={"Delay": 1})
    eks.update_cluster_version(name=name, version="1.36")
    for one_document in (document, kept):
        assert (await completed(customer.access, one_document)).cluster.version == "1.36"
    assert told(await run(customer, lower)) == [("KUBERNETES_VERSION_LOWER", "cluster.version", True)]
    found = await preflight(customer.access, kept, kept)
    assert told(found) == [("KUBERNETES_VERSION_LOWER", "cluster.version", False)]


async def test_a_cluster_that_may_not_be_read_is_not_planned_on(customer: Customer) -> None:
    customer.cloud.fail("eks", "DescribeCluster", "AccessDeniedException", status=403)
    with pytest.raises(Failure) as caught:
        await completed(customer.access, customer.document)
    assert (caught.value.reason, caught.value.retryable) == ("SURROUNDINGS_UNREADABLE", False)
    assert "eks:DescribeCluster" in caught.value.message


async def test_a_reservation_of_the_customers(customer: Customer) -> None:
    ec2 = customer.client("ec2")
    made = ec2.create_capacity_reservation(
        InstanceType="g6.xlarge", InstancePlatform="Linux/UNIX", AvailabilityZone="us-east-1a", InstanceCount=1
    )["CapacityReservation"]
    reservation = made["CapacityReservationId"]
    group = NodeGroup("gpu", gpu_type="L4", max_size=1, capacity_reservation_id=reservation)
    document = replace(customer.document, cluster=Cluster(node_groups=(group,)))
    assert await run(customer, document) == []
    known = (await completed(customer.access, document)).reservation_zone_ids
    assert known == {reservation: made["AvailabilityZoneId"]}
    other_type = replace(document, cluster=Cluster(node_groups=(replace(group, gpu_type="T4"),)))
    assert (await one(customer, other_type)).reason == "RESERVATION_OF_OTHER_TYPE"
    ec2.cancel_capacity_reservation(CapacityReservationId=reservation)
    assert (await one(customer, document)).reason == "RESERVATION_NOT_ACTIVE"


async def test_a_key_of_the_customers(customer: Customer) -> None:
    kms = customer.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    document = replace(customer.document, kms_key_arn=key)
    lacks = await one(customer, document)
    assert (lacks.reason, lacks.blocking) == ("KMS_KEY_POLICY_LACKS", False)
    kms.disable_key(KeyId=key.rpartition("/")[2])
    assert "KMS_KEY_NOT_USABLE" in [one.reason for one in await run(customer, document)]
