"""Each finding by facts alone."""

from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any, Literal

import pytest

from services.infra_engine.preflight.asked import asked, settled_fields
from services.infra_engine.preflight.checks import findings
from services.infra_engine.preflight.facts import (
    Counted,
    DatabaseOffer,
    ExistingCluster,
    Facts,
    Key,
    Reservation,
    Subnet,
    Taken,
    Unreadable,
    Usage,
    Vpc,
    Zone,
)
from services.infra_engine.preflight.findings import Finding, with_settled
from services.infra_engine.stacks.aws.names import resource_names
from services.infra_engine.stacks.stack_input import (
    AwsAccount,
    Cluster,
    Network,
    NodeGroup,
    ObjectStore,
    Postgres,
    Redis,
    StackInput,
    State,
)

ROLE = "arn:aws:iam::123456789012:role/Beta9Provisioner"
SMALL = StackInput(
    workspace="acme",
    environment="production",
    uid="3f2b8a50",
    account=AwsAccount("123456789012", "us-east-1", ROLE, "external"),
    domain="beta9.example",
)
ZONES = tuple(Zone(f"us-east-1{letter}", f"use1-az{number}") for letter, number in (("a", 1), ("b", 2), ("c", 4)))
EVERYWHERE = frozenset(zone.id for zone in ZONES)
FINE = Facts(
    zones=ZONES,
    offers={"t3.large": EVERYWHERE, "g6.xlarge": EVERYWHERE, "p5.48xlarge": frozenset({"use1-az4"})},
    vcpus={"t3.large": 2, "g6.xlarge": 4, "p5.48xlarge": 192},
    database=DatabaseOffer(frozenset(zone.name for zone in ZONES), multi_az=True),
    quotas={
        "L-1216C47A": 64,
        "L-DB2E81BA": 64,
        "L-417A185B": 192,
        "L-3819A6DF": 4,
        "L-0263D0A3": 5,
        "L-F678F1CE": 5,
        "L-FE5A380F": 5,
    },
    kubernetes={"1.33": "EXTENDED_SUPPORT", "1.35": "STANDARD_SUPPORT", "1.36": "STANDARD_SUPPORT"},
)


def check(stack_input: StackInput = SMALL, facts: Facts = FINE) -> list[Finding]:
    known = {} if isinstance(facts.reservations, Unreadable) else facts.reservations
    return findings(asked(stack_input, known), facts)


def one(stack_input: StackInput = SMALL, facts: Facts = FINE) -> Finding:
    (found,) = check(stack_input, facts)
    return found


def told(found: list[Finding]) -> list[tuple[str, str, bool]]:
    return [(one.reason, one.field, one.blocking) for one in found]


def with_groups(*groups: NodeGroup) -> StackInput:
    return replace(SMALL, cluster=Cluster(node_groups=groups))


def test_an_account_that_is_fine_has_no_finding() -> None:
    assert check() == []


@pytest.mark.parametrize(("state", "reason"), [("", "REGION_UNKNOWN"), ("not-opted-in", "REGION_NOT_OPTED_IN")])
def test_the_region(state: str, reason: str) -> None:
    assert told(check(facts=replace(FINE, region_opt_in=state))) == [(reason, "cloud.region", True)]


def test_zones_by_id() -> None:
    network = Network(zone_count=3, zone_ids=("use1-az1", "use1-az9", "use1-az3"))
    zones = (*ZONES, Zone("us-east-1e", "use1-az3"))
    facts = replace(FINE, zones=zones, offers={"t3.large": frozenset(network.zone_ids)})
    found = check(replace(SMALL, network=network), facts)
    assert told(found)[:2] == [
        ("ZONE_UNKNOWN", "network.zone_ids[1]", True),
        ("ZONE_WITHOUT_EKS", "network.zone_ids[2]", True),
    ]
    single = replace(SMALL, postgres=Postgres(multi_az=False))
    few = one(single, replace(FINE, zones=(*ZONES[:1], Zone("us-east-1b", "use1-az2", usable=False))))
    assert (few.reason, few.number, few.limit) == ("ZONES_TOO_FEW", 2, 1)


def test_an_instance_type_that_no_zone_sells_blocks_and_one_that_some_do_does_not() -> None:
    nowhere = check(with_groups(NodeGroup("fast", instance_types=("x9.large",))))
    assert told(nowhere) == [("INSTANCE_TYPE_NOT_OFFERED", "cluster.node_groups[0].instance_types", True)]
    some = replace(FINE, offers={**FINE.offers, "t3.large": frozenset({"use1-az1"})})  # type: ignore[dict-item]
    assert told(check(facts=some)) == [("INSTANCE_TYPE_NOT_OFFERED", "cluster.system_nodes.instance_types", False)]


def test_a_gpu_type_is_told_by_its_own_name_with_the_zones_that_have_it() -> None:
    found = check(with_groups(NodeGroup("gpu", gpu_type="H100", gpu_count=8, max_size=1)))
    offered, advised = found
    assert (offered.reason, offered.field) == ("INSTANCE_TYPE_NOT_OFFERED", "beta9.workers.gpu_type")
    assert "H100" in offered.message
    assert "use1-az4" in offered.remedy
    assert (advised.reason, advised.blocking) == ("RESERVATION_ADVISED", False)


def test_a_gpu_that_aws_no_longer_sells_hides_no_other_finding() -> None:
    found = check(with_groups(NodeGroup("gpu", gpu_type="V100"), NodeGroup("b", instance_types=("x9.large",))))
    assert told(found) == [
        ("GPU_NOT_SOLD", "beta9.workers.gpu_type", True),
        ("INSTANCE_TYPE_NOT_OFFERED", "cluster.node_groups[1].instance_types", True),
    ]
    assert "T4" in found[0].remedy


def test_the_databases_class() -> None:
    assert one(facts=replace(FINE, database=None)).field == "data.postgres.size"
    named = replace(SMALL, postgres=Postgres(instance_class="db.x9.large"))
    assert one(named, replace(FINE, database=None)).field == "data.postgres.instance_class"
    narrow = one(facts=replace(FINE, database=DatabaseOffer(frozenset({"us-east-1a"}), multi_az=True)))
    assert (narrow.reason, narrow.number, narrow.limit) == ("DATABASE_CLASS_NOT_OFFERED", 1, 2)
    single = replace(SMALL, postgres=Postgres(multi_az=False))
    assert check(single, replace(FINE, database=DatabaseOffer(frozenset({"us-east-1a"}), multi_az=False))) == []


def test_a_snapshot_that_has_the_name_of_the_databases_last_one() -> None:
    name = resource_names(SMALL)["final_snapshot"]
    facts = replace(FINE, snapshots=(name,))
    found = one(facts=facts)
    assert told([found]) == [("FINAL_SNAPSHOT_EXISTS", "data.postgres.final_snapshot", True)]
    assert name in found.message
    assert check(replace(SMALL, postgres=Postgres(keep_final_snapshot=False)), facts) == []
    # That of a database with another key is in nobody's way.
    keyed = replace(SMALL, kms_key_arn="arn:aws:kms:us-east-1:123456789012:key/1")
    key = Key(keyed.kms_key_arn or "", "Enabled", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")
    assert check(keyed, replace(facts, key=key)) == []
    # What is built with the name is not stopped for it, and what comes back to it is, whatever class it has.
    back = settled_fields(asked(keyed, {}), asked(SMALL, {}))
    built = settled_fields(asked(SMALL, {}), asked(SMALL, {}))
    assert [one.blocking for settled in (back, built) for one in with_settled([found], settled)] == [True, False]


BLOCK = Reservation("cr-1", "active", "p5.48xlarge", "use1-az4", total=2, free=2, kind="capacity-block")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"state": "expired"}, [("RESERVATION_NOT_ACTIVE", True)]),
        ({"state": "scheduled"}, [("RESERVATION_NOT_ACTIVE", False)]),
        ({"kind": "default"}, [("RESERVATION_OF_OTHER_KIND", True)]),
        ({"instance_type": "p4d.24xlarge"}, [("RESERVATION_OF_OTHER_TYPE", True)]),
        ({"total": 1}, [("RESERVATION_TOO_SMALL", False)]),
    ],
)
def test_a_capacity_block(change: dict[str, Any], expected: list[tuple[str, bool]]) -> None:
    group = NodeGroup(
        "gpu",
        gpu_type="H100",
        gpu_count=8,
        min_size=1,
        max_size=2,
        capacity_type="CAPACITY_BLOCK",
        capacity_reservation_id="cr-1",
    )
    wished = replace(with_groups(group), network=Network(zone_ids=("use1-az1", "use1-az4")))
    facts = replace(FINE, reservations={"cr-1": replace(BLOCK, **change)})
    assert [(found.reason, found.blocking) for found in check(wished, facts)] == expected


def test_a_reservation_must_be_there_and_in_a_zone_that_is_used() -> None:
    group = NodeGroup("gpu", gpu_type="L4", capacity_reservation_id="cr-1")
    absent = one(with_groups(group))
    assert (absent.reason, absent.field) == ("RESERVATION_NOT_FOUND", "beta9.workers.capacity_reservation_id")
    elsewhere = replace(BLOCK, kind="default", instance_type="g6.xlarge", zone_id="use1-az4", total=10)
    assert (
        one(with_groups(group), replace(FINE, reservations={"cr-1": elsewhere})).reason == "RESERVATION_ZONE_NOT_USED"
    )


def test_vcpus_count_what_others_use_and_what_is_asked_at_first_and_at_most() -> None:
    at_first = one(facts=replace(FINE, usage=Usage(vcpus={"L-1216C47A": 62})))
    assert (at_first.reason, at_first.number, at_first.limit) == ("VCPU_QUOTA_TOO_LOW", 66, 64)
    assert "L-1216C47A" in at_first.remedy
    assert "at least 68" in at_first.remedy
    at_most = one(facts=replace(FINE, usage=Usage(vcpus={"L-1216C47A": 60})))
    assert (at_most.reason, at_most.number, at_most.blocking) == ("VCPU_QUOTA_BELOW_MAX", 66, False)


def test_each_family_and_way_of_buying_has_its_own_quota() -> None:
    gpu = NodeGroup("gpu", gpu_type="L4", min_size=17, max_size=20)
    spot = replace(gpu, name="spot", capacity_type="SPOT", min_size=2)
    found = {one.limit: (one.field, one.number) for one in check(with_groups(gpu, spot))}
    assert found == {64: ("beta9.workers.desired_size", 68), 4: ("cluster.node_groups[1].desired_size", 8)}


def test_addresses_vpcs_and_nat_gateways() -> None:
    others = tuple(Vpc(f"vpc-{number}", (IPv4Network("172.31.0.0/16"),)) for number in range(5))
    used = Usage(addresses=4, nat_gateways={"us-east-1b": 5})
    facts = replace(FINE, usage=used, vpcs=others)
    per_zone = replace(SMALL, network=Network(nat_per_zone=True))
    found = {one.reason: (one.number, one.limit) for one in check(per_zone, facts)}
    assert found == {
        "ADDRESS_QUOTA_TOO_LOW": (6, 5),
        "VPC_QUOTA_TOO_LOW": (6, 5),
        "NAT_GATEWAY_QUOTA_TOO_LOW": (6, 5),
    }
    assert [one.reason for one in check(facts=facts)] == ["VPC_QUOTA_TOO_LOW"]
    own = replace(facts, vpcs=(*others[:4], replace(others[4], ours=True)))
    assert check(facts=own) == []


COUNTS = {"clusters": 99, "databases": 39, "cache nodes": 298, "buckets": 9998, "security groups": 2496}
COUNTED_QUOTAS = {"L-1194D53C": 100, "L-6D54EA21": 30, "L-7B6409FD": 40, "L-DFE45DF3": 300, "L-DC2B2D3D": 10000}
COUNTED = replace(
    FINE,
    quotas={**FINE.quotas, **COUNTED_QUOTAS, "L-E79EC296": 2500},  # type: ignore[dict-item]
    counted=tuple(Counted(kind, number) for kind, number in COUNTS.items()),
)


def test_the_last_of_each_counted_thing_fits() -> None:
    assert check(facts=COUNTED) == []


@pytest.mark.parametrize(
    ("kind", "reason", "field", "code", "number"),
    [
        ("clusters", "CLUSTER_QUOTA_TOO_LOW", "cluster", "L-1194D53C", 101),
        ("databases", "DATABASE_QUOTA_TOO_LOW", "data.postgres", "L-7B6409FD", 41),
        ("cache nodes", "CACHE_NODE_QUOTA_TOO_LOW", "data.redis", "L-DFE45DF3", 301),
        ("buckets", "BUCKET_QUOTA_TOO_LOW", "data.object_store", "L-DC2B2D3D", 10001),
        ("security groups", "SECURITY_GROUP_QUOTA_TOO_LOW", "network", "L-E79EC296", 2501),
    ],
)
def test_one_more_than_the_quota_is_told_with_what_to_ask_for(
    kind: str, reason: str, field: str, code: str, number: int
) -> None:
    counted = tuple(Counted(name, count + (name == kind)) for name, count in COUNTS.items())
    found = one(facts=replace(COUNTED, counted=counted))
    assert (found.reason, found.field, found.number, found.blocking) == (reason, field, number, True)
    assert code in found.remedy and f"at least {number}" in found.remedy and "us-east-1" in found.remedy


def test_a_state_that_is_not_in_s3_takes_no_bucket() -> None:
    counted = tuple(Counted(name, count + (name == "buckets")) for name, count in COUNTS.items())
    assert check(replace(SMALL, state=State(in_s3=False)), replace(COUNTED, counted=counted)) == []


def test_a_cache_counts_each_of_its_nodes() -> None:
    found = one(replace(SMALL, redis=Redis(num_replicas=3)), COUNTED)
    assert (found.reason, found.number, found.limit) == ("CACHE_NODE_QUOTA_TOO_LOW", 302, 300)


def test_node_groups_count_in_their_cluster() -> None:
    groups = tuple(
        NodeGroup(f"n{number}", instance_types=("t3.large",), min_size=0, max_size=1) for number in range(30)
    )
    own = one(with_groups(*groups), replace(COUNTED, quotas=COUNTED_QUOTAS))
    assert (own.reason, own.number, own.limit) == ("NODE_GROUP_QUOTA_TOO_LOW", 31, 30)
    theirs = replace(SMALL, cluster=Cluster(existing_name="theirs", node_groups=groups[:1]))
    facts = replace(OWN_FACTS, cluster=CLUSTER, quotas=COUNTED_QUOTAS, counted=(Counted("node groups", 30),))
    found = one(theirs, facts)
    assert (found.reason, found.field, found.number) == ("NODE_GROUP_QUOTA_TOO_LOW", "cluster.node_groups", 31)
    assert found.message.startswith("The cluster would have 31 managed node groups")


def test_a_cache_type_without_offers_is_noted() -> None:
    found = one(facts=replace(FINE, cache_type=False))
    assert (found.reason, found.field, found.blocking) == ("CACHE_TYPE_NOT_OFFERED", "data.redis.size", False)
    named = one(replace(SMALL, redis=Redis(node_type="cache.x9.large")), replace(FINE, cache_type=False))
    assert named.field == "data.redis.node_type" and "cache.x9.large" in named.message


def test_addresses_meet_only_where_vpcs_are_joined() -> None:
    same = Vpc("vpc-1", (IPv4Network("10.0.0.0/8"),))
    assert check(facts=replace(FINE, vpcs=(same,))) == []
    found = one(facts=replace(FINE, vpcs=(replace(same, peers=("tgw-1",)),)))
    assert (found.reason, found.field, found.blocking) == ("CIDR_OVERLAPS", "network.cidr", False)
    assert "vpc-1" in found.message
    assert check(facts=replace(FINE, vpcs=(replace(same, peers=("tgw-1",), ours=True),))) == []


OWN_VPC = Network(
    existing_vpc_id="vpc-1", existing_private_subnet_ids=("s-1", "s-2"), existing_public_subnet_ids=("s-3",)
)
SUBNETS = {
    "s-1": Subnet("s-1", "vpc-1", "use1-az1", 500, "nat-1", {"kubernetes.io/role/internal-elb": "1"}),
    "s-2": Subnet("s-2", "vpc-1", "use1-az2", 500, "tgw-1", {"kubernetes.io/role/internal-elb": "1"}),
    "s-3": Subnet("s-3", "vpc-1", "use1-az1", 100, "igw-1", {"kubernetes.io/role/elb": "1"}),
}
OWN_FACTS = replace(FINE, vpcs=(Vpc("vpc-1", (IPv4Network("10.0.0.0/16"),)),), subnets=SUBNETS)


@pytest.mark.parametrize(
    ("subnet", "change", "reason", "field", "blocking"),
    [
        ("s-1", {"vpc_id": "vpc-2"}, "SUBNET_IN_OTHER_VPC", "network.existing_private_subnet_ids[0]", True),
        ("s-2", {"zone_id": "use1-az1"}, "SUBNETS_IN_ONE_ZONE", "network.existing_private_subnet_ids", True),
        ("s-2", {"free_addresses": 5}, "SUBNET_TOO_SMALL", "network.existing_private_subnet_ids[1]", True),
        (
            "s-1",
            {"default_route": None},
            "SUBNET_WITHOUT_DEFAULT_ROUTE",
            "network.existing_private_subnet_ids[0]",
            True,
        ),
        ("s-1", {"default_route": "igw-1"}, "SUBNET_OF_OTHER_KIND", "network.existing_private_subnet_ids[0]", True),
        ("s-3", {"default_route": "nat-1"}, "SUBNET_OF_OTHER_KIND", "network.existing_public_subnet_ids[0]", False),
        ("s-3", {"tags": {}}, "SUBNET_TAG_MISSING", "network.existing_public_subnet_ids[0]", False),
    ],
)
def test_subnets_of_the_customers(subnet: str, change: dict[str, Any], reason: str, field: str, blocking: bool) -> None:
    wished = replace(SMALL, network=OWN_VPC, postgres=Postgres(multi_az=False))
    assert check(wished, OWN_FACTS) == []
    facts = replace(OWN_FACTS, subnets={**SUBNETS, subnet: replace(SUBNETS[subnet], **change)})
    assert (reason, field, blocking) in told(check(wished, facts))
    assert len(check(wished, facts)) == 1


def test_a_vpc_that_is_not_there_or_lacks_dns_or_room() -> None:
    wished = replace(SMALL, network=OWN_VPC)
    assert told(check(wished, replace(OWN_FACTS, vpcs=()))) == [("VPC_NOT_FOUND", "network.existing_vpc_id", True)]
    no_dns = replace(OWN_FACTS, vpcs=(Vpc("vpc-1", (), dns=False),))
    assert told(check(wished, no_dns)) == [("VPC_DNS_DISABLED", "network.existing_vpc_id", True)]
    absent = replace(OWN_FACTS, subnets={"s-1": SUBNETS["s-1"], "s-2": SUBNETS["s-2"]})
    assert told(check(wished, absent)) == [("SUBNET_NOT_FOUND", "network.existing_public_subnet_ids[0]", True)]
    many = replace(wished, cluster=Cluster(node_groups=(NodeGroup("many", max_size=100),)))
    assert {one.reason for one in check(many, OWN_FACTS)} == {"ADDRESSES_FEW", "VCPU_QUOTA_BELOW_MAX"}


CLUSTER = ExistingCluster(
    name="theirs",
    status="ACTIVE",
    version="1.35",
    vpc_id="vpc-1",
    subnet_ids=("s-1", "s-2"),
    issuer="https://oidc.example/1",
    authentication_mode="API",
    access=True,
    ebs_csi_driver="ACTIVE",
    endpoint="https://cluster.example",
    public_endpoint=True,
    reachable=True,
)


@pytest.mark.parametrize(
    ("change", "reason", "blocking"),
    [
        ({"status": "UPDATING"}, "CLUSTER_NOT_ACTIVE", True),
        ({"version": "1.20"}, "KUBERNETES_VERSION_UNSUPPORTED", True),
        ({"version": "1.33"}, "KUBERNETES_VERSION_UNSUPPORTED", False),
        ({"access": False}, "CLUSTER_ACCESS_MISSING", True),
        ({"access": None, "authentication_mode": "CONFIG_MAP"}, "CLUSTER_ACCESS_UNKNOWN", False),
        ({"reachable": False}, "CLUSTER_UNREACHABLE", True),
        ({"ebs_csi_driver": None}, "EBS_CSI_DRIVER_NOT_FOUND", False),
        ({"ebs_csi_driver": "DEGRADED"}, "EBS_CSI_DRIVER_NOT_ACTIVE", True),
        ({"issuer": None}, "CLUSTER_WITHOUT_OIDC", True),
    ],
)
def test_a_cluster_of_the_customers(change: dict[str, Any], reason: str, blocking: bool) -> None:
    wished = replace(SMALL, cluster=Cluster(existing_name="theirs"))
    assert check(wished, replace(OWN_FACTS, cluster=CLUSTER)) == []
    found = one(wished, replace(OWN_FACTS, cluster=replace(CLUSTER, **change)))
    assert (found.reason, found.field, found.blocking) == (reason, "cluster.existing_cluster_name", blocking)


def test_a_cluster_that_is_not_there_and_a_provider_that_is_not() -> None:
    wished = replace(SMALL, cluster=Cluster(existing_name="theirs", create_oidc_provider=False))
    assert one(wished, OWN_FACTS).reason == "CLUSTER_NOT_FOUND"
    assert one(wished, replace(OWN_FACTS, cluster=CLUSTER)).reason == "OIDC_PROVIDER_NOT_FOUND"
    known = replace(OWN_FACTS, cluster=CLUSTER, oidc_providers={"oidc.example/1": ""})
    assert check(wished, known) == []


def test_a_cluster_takes_one_environment() -> None:
    """The second would stand on the first one's OIDC provider, which goes with the first."""
    wished = replace(SMALL, cluster=Cluster(existing_name="theirs", create_oidc_provider=False))
    taken = replace(OWN_FACTS, cluster=CLUSTER, oidc_providers={"oidc.example/1": "other", "oidc.example/2": "third"})
    found = one(wished, taken)
    assert (found.reason, found.field, found.blocking) == ("CLUSTER_OCCUPIED", "cluster.existing_cluster_name", True)
    assert "other" in found.message


def test_a_cluster_with_a_brought_provider_is_occupied_by_who_opens_its_stores_to_it() -> None:
    wished = replace(SMALL, cluster=Cluster(existing_name="theirs", create_oidc_provider=False))
    facts = replace(OWN_FACTS, cluster=CLUSTER, oidc_providers={"oidc.example/1": ""}, neighbours=("one", "two"))
    found = one(wished, facts)
    assert (found.reason, found.field, found.blocking) == ("CLUSTER_OCCUPIED", "cluster.existing_cluster_name", True)
    assert "one, two" in found.message
    blind = Unreadable("iam:ListOpenIDConnectProviders", "AccessDenied")
    assert "CLUSTER_OCCUPIED" in [one.reason for one in check(wished, replace(facts, oidc_providers=blind))]


def test_an_environment_that_was_there_first_is_not_held_up_by_another_one() -> None:
    built = asked(replace(SMALL, cluster=Cluster(existing_name="theirs")), {})
    facts = replace(OWN_FACTS, cluster=CLUSTER, neighbours=("later",))
    found = with_settled(findings(built, facts), settled_fields(built, built))
    assert told(found) == [("CLUSTER_OCCUPIED", "cluster.existing_cluster_name", False)]


@pytest.mark.parametrize(
    ("version", "has", "expected"),
    [
        (None, None, []),
        (None, "1.35", []),
        (None, "1.36", []),  # what AWS has is what is built on
        ("1.35", "1.35", []),
        ("1.36", "1.35", []),
        ("1.35", "1.36", ["KUBERNETES_VERSION_LOWER"]),
        ("1.9", "1.35", ["KUBERNETES_VERSION_LOWER"]),  # and not by the alphabet
        ("1.36", "1.34", ["KUBERNETES_VERSION_TOO_FAR"]),
    ],
)
def test_a_control_plane_goes_up_one_minor_at_a_time(version: str | None, has: str | None, expected: list[str]) -> None:
    found = check(replace(SMALL, cluster=Cluster(version=version)), replace(FINE, control_plane=has))
    assert told(found) == [(reason, "cluster.version", True) for reason in expected]


def test_a_version_that_was_built_and_that_aws_raised_stops_nothing() -> None:
    """A document that says nothing arrives with the version that was built."""
    built, facts = asked(replace(SMALL, cluster=Cluster(version="1.32")), {}), replace(FINE, control_plane="1.36")
    found = with_settled(findings(built, facts), settled_fields(built, built))
    assert told(found) == [("KUBERNETES_VERSION_LOWER", "cluster.version", False)]
    assert "1.36" in found[0].message and "stays there" in found[0].remedy
    lowered = asked(replace(SMALL, cluster=Cluster(version="1.33")), {})
    again = with_settled(findings(lowered, facts), settled_fields(built, lowered))
    assert told(again) == [("KUBERNETES_VERSION_LOWER", "cluster.version", True)]


def test_a_version_out_of_support() -> None:
    found = one(replace(SMALL, cluster=Cluster(version="1.30")))
    assert (found.reason, found.field) == ("KUBERNETES_VERSION_UNSUPPORTED", "cluster.version")
    assert found.blocking
    assert found.remedy == "Use one of 1.35, 1.36."


@pytest.mark.parametrize("version", ["1.30", None])
@pytest.mark.parametrize("support", ["EXTENDED", "STANDARD"])
def test_a_cluster_that_is_there_is_told_to_go_up_and_not_stopped(
    version: str | None, support: Literal["EXTENDED", "STANDARD"]
) -> None:
    """Named or kept, in a document that was built or in one whose create failed half-way."""
    wished = replace(SMALL, cluster=Cluster(version=version, support=support))
    found = one(wished, replace(FINE, control_plane="1.30"))
    assert told([found]) == [("KUBERNETES_VERSION_UNSUPPORTED", "cluster.version", False)]
    assert found.remedy == "Give 1.31, then the next one, up to one of 1.35, 1.36."


def test_names_that_are_taken_by_others() -> None:
    taken = (
        Taken("bucket", "b", ours=False, elsewhere=True),
        Taken("cluster", "c", ours=True),
        Taken("database", "d", ours=False),
        Taken("log group", "l", ours=False),
    )
    found = check(facts=replace(FINE, taken=taken))
    assert told(found) == [
        ("NAME_TAKEN", "data.object_store.bucket_prefix", True),
        ("NAME_TAKEN", "data.postgres", True),
        ("NAME_TAKEN", "cluster", True),
    ]
    assert found[0].message.startswith("Another account has an S3 bucket named b")


def test_permissions_are_told_a_service() -> None:
    denied = (*(f"ec2:Do{number:02}" for number in range(14)), "iam:PassRole")
    ec2, iam = check(facts=replace(FINE, denied=denied))
    assert (ec2.reason, ec2.number, ec2.field) == ("PERMISSION_MISSING", 14, "cloud.role_arn")
    assert "and 2 more" in ec2.message
    assert "iam:PassRole" in iam.message


def test_the_boundary_and_the_key() -> None:
    arn = "arn:aws:kms:us-east-1:123456789012:key/1"
    wished = replace(SMALL, permissions_boundary_arn="arn:aws:iam::123456789012:policy/b", kms_key_arn=arn)
    key = Key(arn, "Enabled", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")
    assert check(wished, replace(FINE, key=key)) == []
    assert told(check(wished, replace(FINE, key=None, boundary=False))) == [
        ("PERMISSIONS_BOUNDARY_NOT_FOUND", "cloud.permissions_boundary_arn", True),
        ("KMS_KEY_NOT_FOUND", "cloud.kms_key_arn", True),
    ]
    assert one(wished, replace(FINE, key=replace(key, state="Disabled"))).reason == "KMS_KEY_NOT_USABLE"
    assert one(wished, replace(FINE, key=replace(key, spec="RSA_2048"))).reason == "KMS_KEY_NOT_USABLE"
    state = replace(SMALL, state=State(kms_key_arn=arn))
    assert check(state, replace(FINE, state_key=replace(key, missing=("AWSServiceRoleForAutoScaling",)))) == []
    assert told(check(state, FINE)) == [("KMS_KEY_NOT_FOUND", "state.kms_key_arn", True)]
    lacks = one(wished, replace(FINE, key=replace(key, missing=("AWSServiceRoleForAutoScaling",))))
    assert (lacks.reason, lacks.blocking) == ("KMS_KEY_POLICY_LACKS", False)


def test_what_may_not_be_read_is_said_once_an_action_and_stops_nothing() -> None:
    ec2 = Unreadable("ec2:DescribeVpcs", "UnauthorizedOperation")
    s3 = Unreadable("s3:HeadBucket", "InternalError", denied=False)
    found = check(facts=replace(FINE, vpcs=ec2, subnets=ec2, taken=(s3,)))
    assert [one.reason for one in found] == ["CHECK_NOT_MADE", "CHECK_NOT_MADE"]
    assert not any(one.blocking for one in found)
    assert "VPCs, subnets" in found[0].message
    assert "Allow ec2:DescribeVpcs" in found[0].remedy
    assert "Try again" in found[1].remedy


def test_nothing_at_all_can_be_read() -> None:
    names = [name for name in Facts.__dataclass_fields__ if name not in ("taken", "counted")]
    blind = Facts(**{name: Unreadable(f"x:{name}", "AccessDenied") for name in names})  # type: ignore[arg-type]
    assert {one.reason for one in check(facts=blind)} == {"CHECK_NOT_MADE"}
    existing = replace(SMALL, cluster=Cluster(existing_name="theirs"), network=OWN_VPC)
    assert {one.reason for one in check(existing, blind)} == {"CHECK_NOT_MADE"}


def test_a_bad_bucket_prefix_hides_no_other_finding() -> None:
    found = check(replace(SMALL, object_store=ObjectStore(bucket_prefix="-")), replace(FINE, denied=("iam:PassRole",)))
    assert [one.reason for one in found] == ["BUCKET_PREFIX_ILLEGAL", "PERMISSION_MISSING"]


def test_what_is_built_and_unchanged_stops_nothing() -> None:
    facts = replace(FINE, database=None, usage=Usage(vcpus={"L-1216C47A": 62}))
    found = with_settled(check(facts=facts), settled_fields(asked(SMALL, {}), asked(SMALL, {})))
    assert [(one.reason, one.blocking) for one in found] == [
        ("DATABASE_CLASS_NOT_OFFERED", False),
        ("VCPU_QUOTA_TOO_LOW", False),
    ]
    newer = replace(SMALL, postgres=Postgres(version="18"))  # for which RDS may not sell the class that is there
    upgraded = with_settled(check(newer, facts), settled_fields(asked(SMALL, {}), asked(newer, {})))
    assert ("DATABASE_CLASS_NOT_OFFERED", True) in [(one.reason, one.blocking) for one in upgraded]
    larger = replace(SMALL, cluster=Cluster(system_nodes=NodeGroup("system", desired_size=3)))
    again = with_settled(check(larger, facts), settled_fields(asked(SMALL, {}), asked(larger, {})))
    assert [(one.reason, one.blocking) for one in again] == [
        ("DATABASE_CLASS_NOT_OFFERED", False),
        ("VCPU_QUOTA_TOO_LOW", True),
    ]
