"""Networks: what lies in them holds them; rules and templates read back what was sent."""

import pytest

from .conftest import Account, Network
from .helpers import refused


@pytest.fixture
def network(account: Account) -> Network:
    return account.network()


def test_a_load_balancer_holds_subnet_and_security_group(account: Account, network: Network) -> None:
    ec2, elb = account.client("ec2"), account.client("elbv2")
    group = ec2.create_security_group(GroupName="lb", Description="-", VpcId=network.vpc_id)["GroupId"]
    (made,) = elb.create_load_balancer(
        Name="one",
        Type="network",
        Subnets=network.subnet_ids,
        SecurityGroups=[group],
        Tags=[{"Key": "kubernetes.io/cluster/alpha", "Value": "owned"}],
    )["LoadBalancers"]
    for subnet_id in network.subnet_ids:
        assert refused(ec2.delete_subnet, SubnetId=subnet_id)[0] == "DependencyViolation"
    assert refused(ec2.delete_security_group, GroupId=group)[0] == "DependencyViolation"
    assert "elasticloadbalancing:load-balancer" in account.inventory()
    elb.delete_load_balancer(LoadBalancerArn=made["LoadBalancerArn"])
    ec2.delete_security_group(GroupId=group)
    for subnet_id in network.subnet_ids:
        ec2.delete_subnet(SubnetId=subnet_id)
    ec2.delete_vpc(VpcId=network.vpc_id)
    assert account.inventory() == {}


def test_a_classic_load_balancer_holds_its_subnet(account: Account, network: Network) -> None:
    ec2, elb = account.client("ec2"), account.client("elb")
    group = ec2.create_security_group(GroupName="lb", Description="-", VpcId=network.vpc_id)["GroupId"]
    listener = {"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 80}
    elb.create_load_balancer(
        LoadBalancerName="one", Subnets=network.subnet_ids[:1], SecurityGroups=[group], Listeners=[listener]
    )
    assert refused(ec2.delete_subnet, SubnetId=network.subnet_ids[0])[0] == "DependencyViolation"
    elb.delete_load_balancer(LoadBalancerName="one")
    ec2.delete_subnet(SubnetId=network.subnet_ids[0])


def test_a_vpc_holds_on_to_its_security_groups_and_gateway(account: Account, network: Network) -> None:
    ec2 = account.client("ec2")
    for subnet_id in network.subnet_ids:
        ec2.delete_subnet(SubnetId=subnet_id)
    group = ec2.create_security_group(GroupName="one", Description="-", VpcId=network.vpc_id)["GroupId"]
    assert refused(ec2.delete_vpc, VpcId=network.vpc_id)[0] == "DependencyViolation"
    ec2.delete_security_group(GroupId=group)
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc_id)
    assert refused(ec2.delete_vpc, VpcId=network.vpc_id)[0] == "DependencyViolation"


def test_a_gateway_stays_while_an_address_is_mapped(account: Account, network: Network) -> None:
    ec2 = account.client("ec2")
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc_id)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=network.subnet_ids[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
    leave = {"InternetGatewayId": gateway, "VpcId": network.vpc_id}
    assert refused(ec2.detach_internet_gateway, **leave)[0] == "DependencyViolation"
    assert refused(ec2.delete_subnet, SubnetId=network.subnet_ids[0])[0] == "DependencyViolation"
    ec2.delete_nat_gateway(NatGatewayId=nat)
    ec2.release_address(AllocationId=address)
    ec2.detach_internet_gateway(**leave)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    ec2.delete_subnet(SubnetId=network.subnet_ids[0])


def test_a_group_that_a_rule_names_stays(account: Account, network: Network) -> None:
    ec2 = account.client("ec2")
    one, two = (
        ec2.create_security_group(GroupName=name, Description="-", VpcId=network.vpc_id)["GroupId"]
        for name in ("one", "two")
    )
    pair = {"GroupId": one, "Description": "from one"}
    (rule,) = ec2.authorize_security_group_ingress(
        GroupId=two, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [pair]}]
    )["SecurityGroupRules"]
    assert rule["Description"] == "from one"
    assert refused(ec2.delete_security_group, GroupId=one)[0] == "DependencyViolation"
    changed = {"IpProtocol": "tcp", "FromPort": 2, "ToPort": 2, "ReferencedGroupId": one, "Description": "changed"}
    ec2.modify_security_group_rules(
        GroupId=two,
        SecurityGroupRules=[{"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "SecurityGroupRule": changed}],
    )
    (found,) = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule["SecurityGroupRuleId"]])[
        "SecurityGroupRules"
    ]
    assert (found["Description"], found["FromPort"]) == ("changed", 2)
    ec2.delete_security_group(GroupId=two)
    ec2.delete_security_group(GroupId=one)


def test_a_templates_tags_are_not_its_data(account: Account) -> None:
    ec2 = account.client("ec2")
    machines = {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "node"}]}
    made = ec2.create_launch_template(
        LaunchTemplateName="one",
        LaunchTemplateData={"InstanceType": "m7i.large", "TagSpecifications": [machines]},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": [{"Key": "a", "Value": "b"}]}],
    )["LaunchTemplate"]
    (version,) = ec2.describe_launch_template_versions(LaunchTemplateId=made["LaunchTemplateId"])[
        "LaunchTemplateVersions"
    ]
    assert version["LaunchTemplateData"]["TagSpecifications"] == [machines]
    (template,) = ec2.describe_launch_templates()["LaunchTemplates"]
    assert template["Tags"] == [{"Key": "a", "Value": "b"}]


def test_volumes_are_found_by_tag(account: Account) -> None:
    ec2 = account.client("ec2")
    tags = [{"ResourceType": "volume", "Tags": [{"Key": "kubernetes.io/cluster/alpha", "Value": "owned"}]}]
    made = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1, TagSpecifications=tags)["VolumeId"]
    owned = [{"Name": "tag:kubernetes.io/cluster/alpha", "Values": ["owned"]}]
    assert [volume["VolumeId"] for volume in ec2.describe_volumes(Filters=owned)["Volumes"]] == [made]
    assert account.inventory() == {"ec2:volume": [f"us-east-1/{made}"]}


def test_a_subnet_in_a_zone_told_by_its_id_is_no_default(account: Account) -> None:
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", **zone)["Subnet"]
        for number, zone in enumerate(({"AvailabilityZoneId": "use1-az1"}, {"AvailabilityZone": "us-east-1a"}, {}))
    ]
    assert made[0]["AvailabilityZoneId"] == "use1-az1"
    assert [(one["DefaultForAz"], one["MapPublicIpOnLaunch"]) for one in made] == [(False, False)] * 3
    assert refused(ec2.create_subnet, VpcId=vpc, CidrBlock="10.0.9.0/24", AvailabilityZoneId="use1-az9")
    (default,) = ec2.describe_subnets(Filters=[{"Name": "availability-zone-id", "Values": ["use1-az1"]},
                                               {"Name": "default-for-az", "Values": ["true"]}])["Subnets"]  # fmt: skip
    assert default["MapPublicIpOnLaunch"]
