"""EKS: what is sent can be read back, and what must not be done is refused."""

import json
from typing import Any

import pytest

from .conftest import Account, Network
from .helpers import refused, until

TRUST = {"Principal": {"Service": "eks.amazonaws.com"}}


@pytest.fixture
def network(account: Account) -> Network:
    return account.network()


@pytest.fixture
def roles(account: Account) -> dict[str, str]:
    return {name: account.role(name, TRUST) for name in ("control", "nodes", "driver")}


def make_cluster(account: Account, network: Network, role: str, name: str = "alpha", **more: Any) -> dict[str, Any]:
    eks = account.client("eks")
    eks.create_cluster(
        name=name, version="1.35", roleArn=role, resourcesVpcConfig={"subnetIds": network.subnet_ids}, **more
    )
    cluster: dict[str, Any] = until(
        lambda: (found := eks.describe_cluster(name=name)["cluster"])["status"] == "ACTIVE" and found
    )
    return cluster


def test_a_cluster_reads_back_what_was_sent(account: Account, network: Network, roles: dict[str, str]) -> None:
    cluster = make_cluster(
        account,
        network,
        roles["control"],
        accessConfig={"authenticationMode": "API_AND_CONFIG_MAP", "bootstrapClusterCreatorAdminPermissions": True},
        upgradePolicy={"supportType": "STANDARD"},
        logging={"clusterLogging": [{"types": ["api", "audit"], "enabled": True}]},
        tags={"environment": "alpha"},
    )
    assert cluster["accessConfig"]["authenticationMode"] == "API_AND_CONFIG_MAP"
    assert cluster["upgradePolicy"] == {"supportType": "STANDARD"}
    assert cluster["resourcesVpcConfig"]["vpcId"] == network.vpc_id
    assert cluster["logging"]["clusterLogging"][0] == {"types": ["api", "audit"], "enabled": True}
    assert cluster["endpoint"].startswith("https://127.0.0.1:")
    assert cluster["certificateAuthority"]["data"]
    assert account.client("eks").list_tags_for_resource(resourceArn=cluster["arn"])["tags"] == {"environment": "alpha"}
    creator = account.client("eks").list_access_entries(clusterName="alpha")["accessEntries"]
    assert creator == [f"arn:aws:iam::{account.id}:user/sandbox-administrator"]


def test_every_cluster_has_an_issuer_of_its_own(account: Account, network: Network, roles: dict[str, str]) -> None:
    clusters = [make_cluster(account, network, roles["control"], name) for name in ("alpha", "beta")]
    issuers = {cluster["identity"]["oidc"]["issuer"] for cluster in clusters}
    assert len(issuers) == 2
    iam = account.client("iam")
    for issuer in issuers:
        iam.create_open_id_connect_provider(Url=issuer, ClientIDList=["sts.amazonaws.com"])


def test_what_eks_does_not_take(account: Account, network: Network, roles: dict[str, str]) -> None:
    create = account.client("eks").create_cluster
    good = {"name": "alpha", "roleArn": roles["control"], "resourcesVpcConfig": {"subnetIds": network.subnet_ids}}
    one_zone = {"subnetIds": network.subnet_ids[:1]}
    assert "two different AZs" in refused(create, **good | {"resourcesVpcConfig": one_zone})[2]
    missing = {"subnetIds": [*network.subnet_ids, "subnet-0"]}
    assert "'subnet-0' does not exist" in refused(create, **good | {"resourcesVpcConfig": missing})[2]
    assert "does not exist" in refused(create, **good | {"roleArn": roles["control"] + "x"})[2]
    assert "unsupported Kubernetes version" in refused(create, **good, version="1.20")[2]
    assert account.client("eks").list_clusters()["clusters"] == []


def test_a_cluster_goes_when_its_node_groups_are_gone(
    account: Account, network: Network, roles: dict[str, str]
) -> None:
    make_cluster(account, network, roles["control"])
    eks, ec2 = account.client("eks"), account.client("ec2")
    eks.create_nodegroup(
        clusterName="alpha",
        nodegroupName="cpu",
        nodeRole=roles["nodes"],
        subnets=network.subnet_ids,
        labels={"pool": "cpu"},
        scalingConfig={"minSize": 1, "maxSize": 3, "desiredSize": 2},
    )
    group = until(lambda: (g := describe_group(eks))["status"] == "ACTIVE" and g)
    assert group["version"] == "1.35"
    assert group["releaseVersion"].startswith("1.35.")
    assert "remoteAccess" not in group
    assert refused(eks.delete_cluster, name="alpha")[0] == "ResourceInUseException"
    assert refused(ec2.delete_subnet, SubnetId=network.subnet_ids[0])[0] == "DependencyViolation"

    eks.delete_nodegroup(clusterName="alpha", nodegroupName="cpu")
    until(lambda: not eks.list_nodegroups(clusterName="alpha")["nodegroups"])
    eks.delete_cluster(name="alpha")
    until(lambda: not eks.list_clusters()["clusters"])
    for subnet_id in network.subnet_ids:
        ec2.delete_subnet(SubnetId=subnet_id)
    ec2.delete_vpc(VpcId=network.vpc_id)
    assert set(account.inventory()) == {"iam:role"}


def describe_group(eks: Any) -> dict[str, Any]:
    found: dict[str, Any] = eks.describe_nodegroup(clusterName="alpha", nodegroupName="cpu")["nodegroup"]
    return found


def test_updates_are_answered_as_updates(account: Account, network: Network, roles: dict[str, str]) -> None:
    make_cluster(account, network, roles["control"])
    eks = account.client("eks")
    update = eks.update_cluster_config(
        name="alpha", logging={"clusterLogging": [{"types": ["scheduler"], "enabled": True}]}
    )["update"]
    assert update["type"] == "LoggingUpdate"
    until(lambda: eks.describe_update(name="alpha", updateId=update["id"])["update"]["status"] == "Successful")
    assert eks.describe_cluster(name="alpha")["cluster"]["logging"]["clusterLogging"][0]["types"] == ["scheduler"]

    assert "minor version" in refused(eks.update_cluster_version, name="alpha", version="1.34")[2]
    update = eks.update_cluster_version(name="alpha", version="1.36")["update"]
    assert update["params"] == [{"type": "Version", "value": "1.36"}]
    assert eks.describe_cluster(name="alpha")["cluster"]["version"] == "1.36"


def test_a_cluster_moves_to_other_security_groups(account: Account, network: Network, roles: dict[str, str]) -> None:
    ec2, eks = account.client("ec2"), account.client("eks")
    old, new = (
        ec2.create_security_group(GroupName=name, Description="-", VpcId=network.vpc_id)["GroupId"]
        for name in ("old", "new")
    )
    config = {"subnetIds": network.subnet_ids, "securityGroupIds": [old]}
    eks.create_cluster(name="alpha", roleArn=roles["control"], resourcesVpcConfig=config)
    until(lambda: eks.describe_cluster(name="alpha")["cluster"]["status"] == "ACTIVE")
    update = eks.update_cluster_config(name="alpha", resourcesVpcConfig={"securityGroupIds": [new]})["update"]
    assert update["type"] == "VpcConfigUpdate"
    config = eks.describe_cluster(name="alpha")["cluster"]["resourcesVpcConfig"]
    assert (config["subnetIds"], config["securityGroupIds"]) == (network.subnet_ids, [new])
    ec2.delete_security_group(GroupId=old)
    assert refused(ec2.delete_security_group, GroupId=new)[0] == "DependencyViolation"


def test_add_ons_take_offered_versions_alone(account: Account, network: Network, roles: dict[str, str]) -> None:
    make_cluster(account, network, roles["control"])
    eks = account.client("eks")
    (offer,) = eks.describe_addon_versions(addonName="aws-ebs-csi-driver", kubernetesVersion="1.35")["addons"]
    version = offer["addonVersions"][0]["addonVersion"]
    eks.create_addon(
        clusterName="alpha",
        addonName="aws-ebs-csi-driver",
        addonVersion=version,
        serviceAccountRoleArn=roles["driver"],
        configurationValues=json.dumps({"node": {"enabled": True}}),
    )
    addon = eks.describe_addon(clusterName="alpha", addonName="aws-ebs-csi-driver")["addon"]
    assert (addon["status"], addon["addonVersion"]) == ("ACTIVE", version)
    assert addon["serviceAccountRoleArn"] == roles["driver"]
    wrong = refused(eks.create_addon, clusterName="alpha", addonName="coredns", addonVersion="v0")
    assert wrong[0] == "InvalidParameterException"
    eks.delete_addon(clusterName="alpha", addonName="aws-ebs-csi-driver")
    gone = refused(eks.describe_addon, clusterName="alpha", addonName="aws-ebs-csi-driver")
    assert gone[0] == "ResourceNotFoundException"


def test_access_entries(account: Account, network: Network, roles: dict[str, str]) -> None:
    make_cluster(account, network, roles["control"], accessConfig={"authenticationMode": "API"})
    eks = account.client("eks")
    entry = {"clusterName": "alpha", "principalArn": roles["driver"]}
    eks.create_access_entry(**entry, kubernetesGroups=["viewers"], tags={"a": "b"})
    described = eks.describe_access_entry(**entry)["accessEntry"]
    assert described["username"] == f"arn:aws:sts::{account.id}:assumed-role/driver/{{{{SessionName}}}}"
    assert described["kubernetesGroups"] == ["viewers"]
    assert refused(eks.create_access_entry, **entry)[0] == "ResourceInUseException"
    policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
    eks.associate_access_policy(**entry, policyArn=policy, accessScope={"type": "cluster"})
    (associated,) = eks.list_associated_access_policies(**entry)["associatedAccessPolicies"]
    assert associated["policyArn"] == policy
    eks.delete_access_entry(**entry)
    assert refused(eks.describe_access_entry, **entry)[0] == "ResourceNotFoundException"


def test_a_config_map_cluster_takes_no_access_entry(account: Account, network: Network, roles: dict[str, str]) -> None:
    make_cluster(account, network, roles["control"], accessConfig={"authenticationMode": "CONFIG_MAP"})
    create = account.client("eks").create_access_entry
    assert refused(create, clusterName="alpha", principalArn=roles["driver"])[0] == "InvalidRequestException"
