"""The network. AWS names its resources, so that the environment's tag and the parent tell which one it is."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from services.infra_engine.recovery.account import Account, fits, unclaimed
from services.infra_engine.recovery.kinds import Found, Health, Wanted

_GONE = ("deleted", "failed")


def vpc(account: Account, wanted: Wanted) -> Found | None:
    cidr = wanted.text("cidr_block")
    items = account.tagged("describe_vpcs", "Vpcs")
    inside = (
        *account.tagged("describe_subnets", "Subnets"),
        *account.tagged("describe_security_groups", "SecurityGroups"),
    )
    built_in = {one["VpcId"] for one in inside}

    def ours(one: dict[str, Any]) -> bool:
        return cidr in ("", one["CidrBlock"])

    for one in unclaimed(items, "VpcId", wanted.claimed, ours, in_use=lambda one: one["VpcId"] in built_in):
        return Found(str(one["VpcId"]), health=_state(one.get("State")))
    return None


def subnet(account: Account, wanted: Wanted) -> Found | None:
    place = (wanted.text("vpc_id"), wanted.text("cidr_block"))
    items = account.tagged("describe_subnets", "Subnets")
    for one in unclaimed(items, "SubnetId", wanted.claimed, lambda one: (one["VpcId"], one["CidrBlock"]) == place):
        zone = {"availability_zone_id": one.get("AvailabilityZoneId"), "availability_zone": one["AvailabilityZone"]}
        return Found(str(one["SubnetId"]), attributes=zone, health=_state(one.get("State")))
    return None


def internet_gateway(account: Account, wanted: Wanted) -> Found | None:
    """That of the VPC, or one that was not attached any more."""

    def ours(one: dict[str, Any]) -> bool:
        attached = {place["VpcId"] for place in one.get("Attachments", [])}
        return attached <= {wanted.text("vpc_id")} and fits(one, wanted.arguments)

    items = account.tagged("describe_internet_gateways", "InternetGateways")
    for one in unclaimed(items, "InternetGatewayId", wanted.claimed, ours, in_use=lambda one: one.get("Attachments")):
        return Found(str(one["InternetGatewayId"]))
    return None


def address(account: Account, wanted: Wanted) -> Found | None:
    items = account.tagged("describe_addresses", "Addresses")

    def ours(one: dict[str, Any]) -> bool:
        return fits(one, wanted.arguments)

    for one in unclaimed(items, "AllocationId", wanted.claimed, ours, in_use=lambda one: one.get("AssociationId")):
        return Found(str(one["AllocationId"]), attributes={"allocation_id": one["AllocationId"]})
    return None


def nat_gateway(account: Account, wanted: Wanted) -> Found | None:
    """One that failed carries nothing and goes by itself."""

    def ours(one: dict[str, Any]) -> bool:
        return one["SubnetId"] == wanted.text("subnet_id") and one["State"] not in _GONE

    items = account.tagged("describe_nat_gateways", "NatGateways")
    for one in unclaimed(items, "NatGatewayId", wanted.claimed, ours):
        return Found(str(one["NatGatewayId"]), health=_state(one["State"]))
    return None


def route_table(account: Account, wanted: Wanted) -> Found | None:
    def ours(one: dict[str, Any]) -> bool:
        return one["VpcId"] == wanted.text("vpc_id") and fits(one, wanted.arguments)

    items = account.tagged("describe_route_tables", "RouteTables")
    for one in unclaimed(items, "RouteTableId", wanted.claimed, ours, in_use=lambda one: one.get("Associations")):
        return Found(str(one["RouteTableId"]))
    return None


def route(account: Account, wanted: Wanted) -> Found | None:
    """By its table and destination; routes have neither ids nor tags."""
    destination = wanted.text("destination_cidr_block")
    for one in _table(account, wanted).get("Routes", []):
        if one.get("DestinationCidrBlock") == destination and one.get("Origin") == "CreateRoute":
            place = f"{wanted.text('route_table_id')}_{destination}"
            return Found(place, place)
    return None


def route_table_association(account: Account, wanted: Wanted) -> Found | None:
    subnet_id, table_id = wanted.text("subnet_id"), wanted.text("route_table_id")
    for one in _table(account, wanted).get("Associations", []):
        if one.get("SubnetId") == subnet_id:
            return Found(str(one["RouteTableAssociationId"]), f"{subnet_id}/{table_id}")
    return None


def endpoint(account: Account, wanted: Wanted) -> Found | None:
    """One that failed stays until it is deleted, and keeps its subnets from that."""
    place = (wanted.text("vpc_id"), wanted.text("service_name"))

    def ours(one: dict[str, Any]) -> bool:
        return (one["VpcId"], one["ServiceName"]) == place and _lower(one) != "deleted"

    items = account.tagged("describe_vpc_endpoints", "VpcEndpoints")
    for one in unclaimed(items, "VpcEndpointId", wanted.claimed, ours, in_use=lambda one: _lower(one) == "available"):
        health = Health.FAILED if _lower(one) in ("failed", "rejected", "expired") else _state(one.get("State"))
        return Found(str(one["VpcEndpointId"]), health=health)
    return None


def flow_log(account: Account, wanted: Wanted) -> Found | None:
    def ours(one: dict[str, Any]) -> bool:
        return bool(one["ResourceId"] == wanted.text("vpc_id"))

    items = account.tagged("describe_flow_logs", "FlowLogs")
    for one in unclaimed(items, "FlowLogId", wanted.claimed, ours):
        return Found(str(one["FlowLogId"]))
    return None


def security_group(account: Account, wanted: Wanted) -> Found | None:
    """AWS gives every new group a rule that lets all out, and Terraform takes it away next: a run that ended in
    between left it, and no plan would see it."""
    items = account.tagged("describe_security_groups", "SecurityGroups")
    for one in unclaimed(items, "GroupId", wanted.claimed, lambda one: one["GroupName"] == wanted.text("name")):
        group, lets_out = str(one["GroupId"]), one.get("IpPermissionsEgress")
        take_away = partial(account.call, "ec2", "revoke_security_group_egress", GroupId=group, IpPermissions=lets_out)
        return Found(group, mend=take_away if lets_out and not wanted.arguments.get("egress") else None)
    return None


def ingress_rule(account: Account, wanted: Wanted) -> Found | None:
    """By its group and what it admits: a group holds no rule twice."""
    items = account.tagged(
        "describe_security_group_rules", "SecurityGroupRules", group_id=wanted.text("security_group_id")
    )
    for one in unclaimed(items, "SecurityGroupRuleId", wanted.claimed, lambda one: _admits(one, wanted.arguments)):
        return Found(str(one["SecurityGroupRuleId"]))
    return None


def launch_template(account: Account, wanted: Wanted) -> Found | None:
    items = account.tagged("describe_launch_templates", "LaunchTemplates")
    name = wanted.text("name")
    for one in unclaimed(items, "LaunchTemplateId", wanted.claimed, lambda one: one["LaunchTemplateName"] == name):
        return Found(str(one["LaunchTemplateId"]))
    return None


def _admits(rule: dict[str, Any], wanted: Mapping[str, Any]) -> bool:
    if rule.get("IsEgress") or rule["IpProtocol"] != wanted.get("ip_protocol"):
        return False
    if any(rule.get(key) != wanted.get(name) for key, name in (("FromPort", "from_port"), ("ToPort", "to_port"))):
        return False
    group = (rule.get("ReferencedGroupInfo") or {}).get("GroupId")
    # Where the source is not known (a data source that was never read), the ports tell.
    return all(
        name not in wanted or present == wanted[name]
        for present, name in (
            (rule.get("CidrIpv4"), "cidr_ipv4"),
            (rule.get("CidrIpv6"), "cidr_ipv6"),
            (rule.get("PrefixListId"), "prefix_list_id"),
            (group, "referenced_security_group_id"),
        )
    )


def _table(account: Account, wanted: Wanted) -> dict[str, Any]:
    table_id = wanted.text("route_table_id")
    found = account.ask(
        "ec2", "describe_route_tables", "InvalidRouteTableID.NotFound", "InvalidRouteTableId.Malformed",
        RouteTableIds=[table_id],
    )  # fmt: skip
    tables: list[dict[str, Any]] = (found or {}).get("RouteTables", [])
    return tables[0] if tables else {}


def _state(given: str | None) -> Health:
    return Health.PENDING if str(given).lower() in ("pending", "deleting") else Health.HEALTHY


def _lower(one: dict[str, Any]) -> str:
    return str(one.get("State", "available")).lower()
