"""Zones, instance types, reservations and endpoints."""

from .conftest import Account
from .helpers import refused


def test_zones_have_ids_and_need_no_opt_in(account: Account) -> None:
    ec2 = account.client("ec2")
    free = [{"Name": "opt-in-status", "Values": ["opt-in-not-required"]}]
    zones = ec2.describe_availability_zones(Filters=free)["AvailabilityZones"]
    assert len(zones) == 6
    assert {zone["OptInStatus"] for zone in zones} == {"opt-in-not-required"}
    assert "use1-az3" in {zone["ZoneId"] for zone in zones}
    (named,) = ec2.describe_availability_zones(ZoneIds=["use1-az1"])["AvailabilityZones"]
    assert named["ZoneName"] == "us-east-1b"
    assert refused(ec2.describe_availability_zones, ZoneIds=["use1-az9"])[0] == "InvalidParameterValue"


def test_types_are_offered_by_zone(account: Account) -> None:
    ec2 = account.client("ec2")
    wanted = [{"Name": "instance-type", "Values": ["p6-b200.48xlarge"]}]
    offers = ec2.describe_instance_type_offerings(LocationType="availability-zone-id", Filters=wanted)
    assert [offer["Location"] for offer in offers["InstanceTypeOfferings"]] == ["use1-az6"]
    wanted = [{"Name": "instance-type", "Values": ["p5*.48xlarge"]}, {"Name": "location", "Values": ["use1-az2"]}]
    offers = ec2.describe_instance_type_offerings(LocationType="availability-zone-id", Filters=wanted)
    assert "p5.48xlarge" in {offer["InstanceType"] for offer in offers["InstanceTypeOfferings"]}
    wrong = [{"Name": "zone", "Values": ["use1-az2"]}]
    assert refused(ec2.describe_instance_type_offerings, Filters=wrong)[0] == "InvalidParameterValue"
    (found,) = ec2.describe_instance_types(InstanceTypes=["g5.12xlarge"])["InstanceTypes"]
    (gpu,) = found["GpuInfo"]["Gpus"]
    assert (gpu["Name"], gpu["Count"], found["VCpuInfo"]["DefaultVCpus"]) == ("A10G", 4, 48)


def test_capacity_is_reserved(account: Account) -> None:
    ec2 = account.client("ec2")
    given = {"InstanceType": "g5.xlarge", "InstancePlatform": "Linux/UNIX", "InstanceCount": 2}
    tags = [{"ResourceType": "capacity-reservation", "Tags": [{"Key": "a", "Value": "b"}]}]
    made = ec2.create_capacity_reservation(**given, AvailabilityZone="us-east-1a", TagSpecifications=tags)
    reservation = made["CapacityReservation"]
    key = reservation["CapacityReservationId"]
    assert (reservation["State"], reservation["AvailableInstanceCount"]) == ("active", 2)
    active = [{"Name": "state", "Values": ["active"]}, {"Name": "instance-type", "Values": ["g5.xlarge"]}]
    (found,) = ec2.describe_capacity_reservations(Filters=active)["CapacityReservations"]
    assert (found["CapacityReservationId"], found["AvailabilityZoneId"]) == (key, "use1-az6")
    assert found["Tags"] == [{"Key": "a", "Value": "b"}]
    assert account.inventory() == {"ec2:capacity-reservation": [f"us-east-1/{key}"]}
    ec2.modify_capacity_reservation(CapacityReservationId=key, InstanceCount=3)
    ec2.cancel_capacity_reservation(CapacityReservationId=key)
    (found,) = ec2.describe_capacity_reservations(CapacityReservationIds=[key])["CapacityReservations"]
    assert (found["State"], found["TotalInstanceCount"]) == ("cancelled", 3)
    assert account.inventory() == {}
    missing = refused(ec2.describe_capacity_reservations, CapacityReservationIds=["cr-0"])
    assert missing[0] == "InvalidCapacityReservationId.NotFound"
    nowhere = given | {"InstanceType": "p6-b200.48xlarge"}
    assert refused(ec2.create_capacity_reservation, **nowhere, AvailabilityZone="us-east-1b")[0] == "Unsupported"


def test_a_capacity_block_is_bought(account: Account) -> None:
    ec2 = account.client("ec2")
    offers = ec2.describe_capacity_block_offerings(
        InstanceType="p5.48xlarge", InstanceCount=1, CapacityDurationHours=48
    )
    offer = offers["CapacityBlockOfferings"][0]
    made = ec2.purchase_capacity_block(
        CapacityBlockOfferingId=offer["CapacityBlockOfferingId"], InstancePlatform="Linux/UNIX"
    )["CapacityReservation"]
    assert (made["ReservationType"], made["AvailabilityZone"]) == ("capacity-block", offer["AvailabilityZone"])
    assert (made["EndDate"] - made["StartDate"]).total_seconds() == 48 * 3600
    cancel = refused(ec2.cancel_capacity_reservation, CapacityReservationId=made["CapacityReservationId"])
    assert cancel[0] == "Unsupported"


def test_a_gateway_endpoint_is_a_route_in_its_tables(account: Account) -> None:
    ec2, vpc = account.client("ec2"), account.network().vpc_id
    tables = [ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2)]
    endpoint = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", RouteTableIds=tables[:1])[
        "VpcEndpoint"
    ]["VpcEndpointId"]

    def routed() -> list[bool]:
        found = ec2.describe_route_tables(RouteTableIds=tables)["RouteTables"]
        by_id = {table["RouteTableId"]: table["Routes"] for table in found}
        return [any(route.get("GatewayId") == endpoint for route in by_id[table]) for table in tables]

    assert routed() == [True, False]
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, AddRouteTableIds=tables[1:], RemoveRouteTableIds=tables[:1])
    assert routed() == [False, True]
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert routed() == [False, False]


def test_an_interface_endpoint_holds_its_subnets_and_groups(account: Account) -> None:
    ec2, network = account.client("ec2"), account.network()
    groups = [
        ec2.create_security_group(GroupName=name, Description="-", VpcId=network.vpc_id)["GroupId"]
        for name in ("old", "new")
    ]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=network.vpc_id,
        VpcEndpointType="Interface",
        ServiceName="com.amazonaws.us-east-1.sts",
        SubnetIds=network.subnet_ids[:1],
        SecurityGroupIds=groups[:1],
    )["VpcEndpoint"]
    (interface,) = endpoint["NetworkInterfaceIds"]
    assert refused(ec2.delete_network_interface, NetworkInterfaceId=interface)[0] == "InvalidParameterValue"
    assert refused(ec2.delete_security_group, GroupId=groups[0])[0] == "DependencyViolation"
    ec2.modify_vpc_endpoint(
        VpcEndpointId=endpoint["VpcEndpointId"],
        AddSubnetIds=network.subnet_ids[1:],
        RemoveSubnetIds=network.subnet_ids[:1],
        AddSecurityGroupIds=groups[1:],
        RemoveSecurityGroupIds=groups[:1],
    )
    ec2.delete_security_group(GroupId=groups[0])
    ec2.delete_subnet(SubnetId=network.subnet_ids[0])
    assert refused(ec2.delete_subnet, SubnetId=network.subnet_ids[1])[0] == "DependencyViolation"
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint["VpcEndpointId"]])
    ec2.delete_subnet(SubnetId=network.subnet_ids[1])
    ec2.delete_security_group(GroupId=groups[1])
    ec2.delete_vpc(VpcId=network.vpc_id)
    assert account.inventory() == {}


def test_templates_show_their_tags_of_now_and_all_their_versions(account: Account) -> None:
    ec2 = account.client("ec2")
    tags = [{"ResourceType": "launch-template", "Tags": [{"Key": "a", "Value": "b"}]}]
    data = {"InstanceType": "m7i.large"}
    made = ec2.create_launch_template(LaunchTemplateName="one", LaunchTemplateData=data, TagSpecifications=tags)
    key = made["LaunchTemplate"]["LaunchTemplateId"]
    ec2.create_tags(Resources=[key], Tags=[{"Key": "a", "Value": "c"}])
    for _ in range(17):
        ec2.create_launch_template_version(LaunchTemplateId=key, LaunchTemplateData=data)
    (found,) = ec2.describe_launch_templates(LaunchTemplateIds=[key])["LaunchTemplates"]
    assert (found["Tags"], found["LatestVersionNumber"]) == ([{"Key": "a", "Value": "c"}], 18)
    assert len(ec2.describe_launch_template_versions(LaunchTemplateId=key)["LaunchTemplateVersions"]) == 18


def test_a_dry_run_changes_nothing(account: Account) -> None:
    ec2 = account.client("ec2")
    for call, given in ((ec2.create_vpc, {"CidrBlock": "10.1.0.0/16"}), (ec2.describe_vpcs, {})):
        assert refused(call, **given, DryRun=True)[:2] == ("DryRunOperation", 412)
    assert account.inventory() == {}
