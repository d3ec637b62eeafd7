"""Node groups and versions: what EKS takes, what it refuses, and what EC2 has no machines for."""

import json
from typing import Any

import pytest

from .conftest import Account, Network
from .helpers import refused, until
from .test_eks import TRUST, make_cluster

SIZES = {"minSize": 0, "maxSize": 3, "desiredSize": 1}


@pytest.fixture
def network(account: Account) -> Network:
    return account.network()


@pytest.fixture
def group(account: Account, network: Network) -> dict[str, Any]:
    """What every group of a cluster `alpha` is made with."""
    make_cluster(account, network, account.role("control", TRUST))
    return {
        "clusterName": "alpha",
        "nodegroupName": "one",
        "nodeRole": account.role("nodes", TRUST),
        "subnets": network.subnet_ids,
        "scalingConfig": SIZES,
    }


def settled(eks: Any, name: str = "one") -> dict[str, Any]:
    """The group once nothing goes on with it."""

    def found() -> dict[str, Any] | None:
        view: dict[str, Any] = eks.describe_nodegroup(clusterName="alpha", nodegroupName=name)["nodegroup"]
        return None if view["status"] in ("CREATING", "UPDATING") else view

    view: dict[str, Any] = until(found)
    return view


def template(account: Account, **data: Any) -> dict[str, str]:
    made = account.client("ec2").create_launch_template(LaunchTemplateName="one", LaunchTemplateData=data)
    return {"id": made["LaunchTemplate"]["LaunchTemplateId"], "version": "1"}


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"instanceTypes": ["m99.large"]}, "do not exist"),
        ({"instanceTypes": ["m7g.large"]}, "not a valid instance type for requested amiType AL2023_x86_64_STANDARD"),
        ({"instanceTypes": ["g5.xlarge"], "amiType": "AL2023_ARM_64_STANDARD"}, "not a valid instance type"),
        ({"capacityType": "CAPACITY_BLOCK"}, "requires a launch template"),
        ({"version": "1.36"}, "newer than the cluster"),
        ({"scalingConfig": SIZES | {"desiredSize": 4}}, "can't be greater than max size"),
        ({"taints": [{"key": "a", "value": "b", "effect": "NO_SCHEDULE"}] * 2}, "Duplicate taint"),
    ],
)
def test_what_eks_does_not_take(account: Account, group: dict[str, Any], wrong: dict[str, Any], problem: str) -> None:
    code, _, message = refused(account.client("eks").create_nodegroup, **group | wrong)
    assert code == "InvalidParameterException"
    assert problem in message


def test_groups_side_by_side(account: Account, group: dict[str, Any]) -> None:
    eks = account.client("eks")
    taint = {"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}
    gpu = {"instanceTypes": ["g5.xlarge"], "amiType": "AL2023_x86_64_NVIDIA", "capacityType": "SPOT", "taints": [taint]}
    eks.create_nodegroup(**group)
    eks.create_nodegroup(**group | gpu | {"nodegroupName": "gpu"})
    assert settled(eks)["amiType"] == "AL2023_x86_64_STANDARD"
    found = settled(eks, "gpu")
    assert (found["capacityType"], found["taints"]) == ("SPOT", [taint])
    assert eks.list_nodegroups(clusterName="alpha")["nodegroups"] == ["gpu", "one"]
    closed = refused(eks.list_access_entries, clusterName="alpha")
    assert closed[0] == "InvalidRequestException"
    assert "must be set to one of [API, API_AND_CONFIG_MAP]" in closed[2]
    names = {role["RoleName"] for role in account.client("iam").list_roles()["Roles"]}
    assert {"AWSServiceRoleForAmazonEKSNodegroup", "AWSServiceRoleForAutoScaling", "AWSServiceRoleForAmazonEKS"} < names


def test_ec2_has_no_machines_in_these_zones(account: Account, group: dict[str, Any], network: Network) -> None:
    eks = account.client("eks")
    # us-east-1b alone: B200 is sold in us-east-1a.
    rare = {"instanceTypes": ["p6-b200.48xlarge"], "amiType": "AL2023_x86_64_NVIDIA", "subnets": network.subnet_ids[1:]}
    eks.create_nodegroup(**group | rare)
    failed = settled(eks)
    assert failed["status"] == "CREATE_FAILED"
    (issue,) = failed["health"]["issues"]
    assert issue["code"] == "AsgInstanceLaunchFailures"
    assert "not supported in your requested Availability Zone (us-east-1b)" in issue["message"]


def test_a_capacity_block(account: Account, group: dict[str, Any], network: Network) -> None:
    ec2, eks = account.client("ec2"), account.client("eks")
    block = {"amiType": "AL2023_x86_64_NVIDIA", "capacityType": "CAPACITY_BLOCK", "subnets": network.subnet_ids[:1]}
    bare = template(account, InstanceType="p5.48xlarge")
    assert "capacity reservation" in refused(eks.create_nodegroup, **group | block, launchTemplate=bare)[2]
    offers = ec2.describe_capacity_block_offerings(
        InstanceType="p5.48xlarge", InstanceCount=1, CapacityDurationHours=24
    )
    by_zone = {
        offer["AvailabilityZone"]: offer["CapacityBlockOfferingId"] for offer in offers["CapacityBlockOfferings"]
    }
    reservations = [
        ec2.purchase_capacity_block(CapacityBlockOfferingId=by_zone[zone], InstancePlatform="Linux/UNIX")[
            "CapacityReservation"
        ]["CapacityReservationId"]
        for zone in ("us-east-1b", "us-east-1a")
    ]
    for reservation in reservations:
        ec2.create_launch_template_version(
            LaunchTemplateId=bare["id"],
            LaunchTemplateData={
                "InstanceType": "p5.48xlarge",
                "InstanceMarketOptions": {"MarketType": "capacity-block"},
                "CapacityReservationSpecification": {
                    "CapacityReservationTarget": {"CapacityReservationId": reservation}
                },
            },
        )
    eks.create_nodegroup(**group | block, launchTemplate=bare | {"version": "2"})
    failed = settled(eks)
    assert "where the group has no subnet" in failed["health"]["issues"][0]["message"]
    eks.delete_nodegroup(clusterName="alpha", nodegroupName="one")
    eks.create_nodegroup(**group | block, launchTemplate=bare | {"version": "3"})
    found = settled(eks)
    assert found["status"] == "ACTIVE"
    assert "instanceTypes" not in found


def test_disks_need_a_key_that_lets_auto_scaling_in(account: Account, group: dict[str, Any]) -> None:
    ec2, eks, kms = account.client("ec2"), account.client("eks"), account.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    disk = {"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True, "KmsKeyId": key, "VolumeSize": 20}}
    given = template(account, InstanceType="m7i.large", BlockDeviceMappings=[disk])
    eks.create_nodegroup(**group, launchTemplate=given)
    failed = settled(eks)
    assert failed["status"] == "CREATE_FAILED"
    assert "InvalidKMSKey" in failed["health"]["issues"][0]["message"]
    eks.delete_nodegroup(clusterName="alpha", nodegroupName="one")

    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    role = f"arn:aws:iam::{account.id}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    use = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    policy["Statement"].append(use | {"Condition": {"StringEquals": {"aws:PrincipalArn": role}}})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))
    eks.create_nodegroup(**group, launchTemplate=given)
    assert settled(eks)["status"] == "ACTIVE"
    assert len(ec2.describe_launch_templates()["LaunchTemplates"]) == 1


def test_a_launch_template_moves_on(account: Account, group: dict[str, Any]) -> None:
    ec2, eks = account.client("ec2"), account.client("eks")
    given = template(account, InstanceType="m7i.large")
    both = group | {"instanceTypes": ["m7i.large"], "launchTemplate": given}
    assert "not in both" in refused(eks.create_nodegroup, **both)[2]
    eks.create_nodegroup(**group, launchTemplate=given)
    settled(eks)
    of = {"clusterName": "alpha", "nodegroupName": "one"}
    missing = refused(eks.update_nodegroup_version, **of, launchTemplate=given | {"version": "2"})
    assert missing[0] == "InvalidRequestException"
    ec2.create_launch_template_version(LaunchTemplateId=given["id"], LaunchTemplateData={"InstanceType": "m7i.large"})
    update = eks.update_nodegroup_version(**of, launchTemplate=given | {"version": "2"})["update"]
    assert settled(eks)["launchTemplate"]["version"] == "2"
    described = eks.describe_update(name="alpha", nodegroupName="one", updateId=update["id"])["update"]
    assert (described["type"], described["status"]) == ("VersionUpdate", "Successful")
    assert eks.list_updates(name="alpha", nodegroupName="one")["updateIds"] == [update["id"]]
    assert eks.list_updates(name="alpha")["updateIds"] == []
    assert refused(eks.describe_update, name="alpha", updateId=update["id"])[0] == "ResourceNotFoundException"


def test_an_access_entry_is_its_roles_own(account: Account, group: dict[str, Any]) -> None:
    """EKS leaves a node role's entry behind, and a new role of that name is a stranger to it."""
    iam, eks = account.client("iam"), account.client("eks")
    mode = {"authenticationMode": "API_AND_CONFIG_MAP"}
    eks.update_cluster_config(name="alpha", accessConfig=mode)
    of = {"clusterName": "alpha", "nodegroupName": "one"}
    eks.create_nodegroup(**group)
    assert settled(eks)["status"] == "ACTIVE"
    eks.delete_nodegroup(**of)
    assert group["nodeRole"] in eks.list_access_entries(clusterName="alpha")["accessEntries"]
    iam.delete_role(RoleName="nodes")
    assert account.role("nodes", TRUST) == group["nodeRole"]
    eks.create_nodegroup(**group)
    failed = settled(eks)
    assert failed["status"] == "CREATE_FAILED"
    (issue,) = failed["health"]["issues"]
    assert (issue["code"], "failed to join" in issue["message"]) == ("NodeCreationFailure", True)
    eks.delete_nodegroup(**of)
    eks.delete_access_entry(clusterName="alpha", principalArn=group["nodeRole"])
    eks.create_nodegroup(**group)
    assert settled(eks)["status"] == "ACTIVE"


def test_versions_go_one_by_one_and_nodes_before_the_next(account: Account, group: dict[str, Any]) -> None:
    eks = account.client("eks")
    eks.create_nodegroup(**group | {"version": "1.34"})
    assert settled(eks)["releaseVersion"].startswith("1.34.")
    behind = refused(eks.update_cluster_version, name="alpha", version="1.36")
    assert behind[0] == "InvalidParameterException"
    assert "Nodegroups one must be updated to match cluster version 1.35" in behind[2]
    of = {"clusterName": "alpha", "nodegroupName": "one"}
    eks.update_nodegroup_version(**of, version="1.35")
    assert settled(eks)["version"] == "1.35"
    assert "down to" in refused(eks.update_nodegroup_version, **of, version="1.34")[2]
    eks.update_cluster_version(name="alpha", version="1.36")
    until(lambda: eks.describe_cluster(name="alpha")["cluster"]["status"] == "ACTIVE")
    addon = eks.describe_addon_versions(addonName="kube-proxy", kubernetesVersion="1.36")["addons"][0]
    (default,) = [
        offer["addonVersion"] for offer in addon["addonVersions"] if offer["compatibilities"][0]["defaultVersion"]
    ]
    assert default.startswith("v1.36.")


def test_config_updates(account: Account, group: dict[str, Any]) -> None:
    eks = account.client("eks")
    eks.create_nodegroup(**group, labels={"a": "1", "b": "2"})
    settled(eks)
    update = eks.update_nodegroup_config(
        clusterName="alpha",
        nodegroupName="one",
        labels={"addOrUpdateLabels": {"a": "3"}, "removeLabels": ["b"]},
        taints={"addOrUpdateTaints": [{"key": "a", "value": "b", "effect": "NO_EXECUTE"}]},
        scalingConfig={"desiredSize": 2},
        updateConfig={"maxUnavailablePercentage": 33},
    )["update"]
    assert update["type"] == "ConfigUpdate"
    found = settled(eks)
    assert (found["labels"], found["updateConfig"]) == ({"a": "3"}, {"maxUnavailablePercentage": 33})
    assert found["scalingConfig"] == SIZES | {"desiredSize": 2}
    assert [taint["effect"] for taint in found["taints"]] == ["NO_EXECUTE"]


def test_a_control_plane_is_not_everywhere(account: Account, network: Network) -> None:
    ec2, eks = account.client("ec2"), account.client("eks")
    wrong = ec2.create_subnet(VpcId=network.vpc_id, CidrBlock="10.9.9.0/24", AvailabilityZone="us-east-1e")["Subnet"]
    config = {"subnetIds": [network.subnet_ids[0], wrong["SubnetId"]]}
    code, status, message = refused(
        eks.create_cluster, name="alpha", roleArn=account.role("control", TRUST), resourcesVpcConfig=config
    )
    assert (code, status) == ("UnsupportedAvailabilityZoneException", 400)
    assert "in us-east-1e, the targeted availability zone" in message
    assert account.client("eks").list_clusters()["clusters"] == []


def test_a_cluster_keeps_its_logs_and_its_secrets(account: Account, network: Network) -> None:
    kms, eks = account.client("kms"), account.client("eks")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    wrong = [{"resources": ["secrets"], "provider": {"keyArn": f"{key}0"}}]
    good = [{"resources": ["secrets"], "provider": {"keyArn": key}}]
    role = account.role("control", TRUST)
    config = {"subnetIds": network.subnet_ids}
    refusal = refused(eks.create_cluster, name="alpha", roleArn=role, resourcesVpcConfig=config, encryptionConfig=wrong)
    assert "is not a key that can be used" in refusal[2]
    make_cluster(account, network, role)
    assert "logs:log-group" not in account.inventory()
    update = eks.associate_encryption_config(clusterName="alpha", encryptionConfig=good)["update"]
    assert update["type"] == "AssociateEncryptionConfig"
    until(lambda: eks.describe_cluster(name="alpha")["cluster"]["status"] == "ACTIVE")
    assert eks.describe_cluster(name="alpha")["cluster"]["encryptionConfig"] == good
    logging = {"clusterLogging": [{"types": ["audit"], "enabled": True}]}
    eks.update_cluster_config(name="alpha", logging=logging)
    until(lambda: eks.describe_cluster(name="alpha")["cluster"]["status"] == "ACTIVE")
    assert "No changes needed" in refused(eks.update_cluster_config, name="alpha", logging=logging)[2]
    eks.delete_cluster(name="alpha")
    assert account.inventory()["logs:log-group"] == ["us-east-1//aws/eks/alpha/cluster"]


def test_access_is_opened_step_by_step(account: Account, group: dict[str, Any]) -> None:
    eks = account.client("eks")
    eks.create_nodegroup(**group)
    settled(eks)

    def switch(mode: str) -> None:
        eks.update_cluster_config(name="alpha", accessConfig={"authenticationMode": mode})
        until(lambda: eks.describe_cluster(name="alpha")["cluster"]["status"] == "ACTIVE")

    api = {"authenticationMode": "API"}
    assert "Unsupported authentication mode" in refused(eks.update_cluster_config, name="alpha", accessConfig=api)[2]
    switch("API_AND_CONFIG_MAP")
    entries = eks.list_access_entries(clusterName="alpha")["accessEntries"]
    assert entries == [f"arn:aws:iam::{account.id}:role/nodes", f"arn:aws:iam::{account.id}:user/sandbox-administrator"]
    switch("API")
