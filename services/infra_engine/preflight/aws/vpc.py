"""VPCs, what they are joined to, and subnets with their routes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network
from typing import Any

from services.infra_engine.preflight.aws.clients import pages, tags
from services.infra_engine.preflight.aws.ec2 import is_own
from services.infra_engine.preflight.facts import Subnet, Vpc
from services.infra_engine.stacks.aws.tags import MANAGED_BY


def vpcs(ec2: Any, own: Mapping[str, str], existing: str | None, *, joined: bool) -> tuple[Vpc, ...]:
    """All VPCs; DNS is looked at for `existing` alone, and what they are joined to when `joined` asks for it."""
    peers = _peers(ec2) if joined else {}
    return tuple(
        Vpc(
            id=view["VpcId"],
            cidrs=tuple(
                IPv4Network(one["CidrBlock"])
                for one in view.get("CidrBlockAssociationSet") or [{"CidrBlock": view["CidrBlock"]}]
            ),
            ours=is_own(view, own),
            default=bool(view.get("IsDefault")),
            dns=_dns(ec2, view["VpcId"]) if view["VpcId"] == existing else True,
            peers=tuple(sorted(peers.get(view["VpcId"], ()))),
        )
        for view in pages(ec2, "describe_vpcs", "Vpcs")
    )


def _dns(ec2: Any, vpc_id: str) -> bool:
    return all(
        ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute=name)[f"{name[0].upper()}{name[1:]}"]["Value"]
        for name in ("enableDnsSupport", "enableDnsHostnames")
    )


def _peers(ec2: Any) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for view in pages(ec2, "describe_vpc_peering_connections", "VpcPeeringConnections"):
        if view["Status"]["Code"] in ("active", "provisioning", "pending-acceptance"):
            one, other = view["RequesterVpcInfo"].get("VpcId"), view["AccepterVpcInfo"].get("VpcId")
            if one and other:
                found[one].add(other)
                found[other].add(one)
    for view in pages(ec2, "describe_transit_gateway_vpc_attachments", "TransitGatewayVpcAttachments"):
        if view.get("State") == "available":
            found[view["VpcId"]].add(view["TransitGatewayId"])
    return found


def neighbours(ec2: Any, admitted: str, own: tuple[str, str]) -> tuple[str, ...]:
    """The uids of other environments that let a security group in: each one's stores admit its cluster's group."""
    views = pages(
        ec2,
        "describe_security_groups",
        "SecurityGroups",
        Filters=[
            {"Name": "ip-permission.group-id", "Values": [admitted]},
            {"Name": "tag:ManagedBy", "Values": [MANAGED_BY]},
        ],
    )
    return tuple(sorted({tags(view).get(own[0], "") for view in views} - {"", own[1]}))


def subnets(ec2: Any, ids: Iterable[str]) -> dict[str, Subnet]:
    """Subnets by id, those that there are."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    views = pages(ec2, "describe_subnets", "Subnets", Filters=[{"Name": "subnet-id", "Values": wanted}])
    vpc_ids = sorted({view["VpcId"] for view in views})
    routes = _default_routes(ec2, vpc_ids) if vpc_ids else {}
    return {
        view["SubnetId"]: Subnet(
            id=view["SubnetId"],
            vpc_id=view["VpcId"],
            zone_id=view["AvailabilityZoneId"],
            free_addresses=int(view["AvailableIpAddressCount"]),
            default_route=routes.get(view["SubnetId"], routes.get(view["VpcId"])),
            tags=tags(view),
        )
        for view in views
    }


def _default_routes(ec2: Any, vpc_ids: list[str]) -> dict[str, str | None]:
    """Target of 0.0.0.0/0 by subnet, and by VPC for subnets that follow its main table."""
    found: dict[str, str | None] = {}
    for table in pages(ec2, "describe_route_tables", "RouteTables", Filters=[{"Name": "vpc-id", "Values": vpc_ids}]):
        target = _target(table["Routes"])
        for association in table["Associations"]:
            if association.get("SubnetId"):
                found[association["SubnetId"]] = target
            elif association.get("Main"):
                found[table["VpcId"]] = target
    return found


def _target(routes: list[dict[str, Any]]) -> str | None:
    for route in routes:
        if route.get("DestinationCidrBlock") == "0.0.0.0/0" and route.get("State", "active") == "active":
            for key in ("NatGatewayId", "GatewayId", "TransitGatewayId", "NetworkInterfaceId", "InstanceId"):
                if route.get(key):
                    return str(route[key])
            return str(route.get("VpcPeeringConnectionId") or route.get("CoreNetworkArn") or "another target")
    return None
