"""A VPC over two zones: public subnets for NAT and load balancers, private ones for everything else.

Nothing gets a public address by being launched in a public subnet: NAT and load balancers bring their own.
"""

from dataclasses import dataclass
from typing import Any

from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.bindings import Resource, aws, create

_ZONES = 2

zones = aws("data_aws_availability_zones")
vpc = aws("vpc")
subnet = aws("subnet")
internet_gateway = aws("internet_gateway")
eip = aws("eip")
nat_gateway = aws("nat_gateway")
route_table = aws("route_table")
route = aws("route")
association = aws("route_table_association")


@dataclass(frozen=True)
class Network:
    """`way_out` is what a private node needs to reach AWS; whatever runs nodes depends on it."""

    vpc_id: str
    private_subnet_ids: list[str]
    way_out: tuple[Resource, ...]


def build_network(stack: Any, inputs: Inputs) -> Network:
    """One NAT gateway serves both zones (small profile)."""
    create(
        stack,
        zones.DataAwsAvailabilityZones,
        "zones",
        state="available",
        exclude_zone_ids=inputs.texts("excluded_zone_ids"),
        filter=[
            zones.DataAwsAvailabilityZonesFilter(name="opt-in-status", values=["opt-in-not-required"]),
        ],
    )
    the_vpc = create(
        stack,
        vpc.Vpc,
        "vpc",
        cidr_block=inputs.text("network_cidr"),
        enable_dns_support=True,
        enable_dns_hostnames=True,
        tags={"Name": inputs.name("base")},
    )
    public = _subnets(stack, inputs, the_vpc, "public")
    private = _subnets(stack, inputs, the_vpc, "private")
    gateway = create(
        stack,
        internet_gateway.InternetGateway,
        "internet",
        vpc_id=the_vpc.ref("id"),
        tags={"Name": inputs.name("base")},
    )
    public_route = _routes(stack, inputs, the_vpc, "public", public, gateway_id=gateway.ref("id"))
    address = create(
        stack, eip.Eip, "nat", domain="vpc", tags={"Name": f"{inputs.name('base')}-nat"}, depends_on=[gateway]
    )
    nat = create(
        stack,
        nat_gateway.NatGateway,
        "nat_gateway",
        allocation_id=address.ref("id"),
        subnet_id=public[0].ref("id"),
        tags={"Name": inputs.name("base")},
        # Without a way to the internet the gateway would come up and carry nothing.
        depends_on=[*public_route],
    )
    private_route = _routes(stack, inputs, the_vpc, "private", private, nat_gateway_id=nat.ref("id"))
    return Network(
        vpc_id=the_vpc.ref("id"),
        private_subnet_ids=[one.ref("id") for one in private],
        way_out=(*private_route, *public_route),
    )


def _subnets(stack: Any, inputs: Inputs, the_vpc: Resource, kind: str) -> tuple[Resource, ...]:
    return tuple(
        create(
            stack,
            subnet.Subnet,
            f"{kind}_{index}",
            vpc_id=the_vpc.ref("id"),
            cidr_block=inputs.item(f"{kind}_subnet_cidrs", index),
            availability_zone=f"${{data.aws_availability_zones.zones.names[{index}]}}",
            tags=inputs.mapping(f"{kind}_subnet_tags"),
            # A zone that AWS opens or closes later must not move, and so replace, what is there.
            lifecycle={"ignore_changes": ["availability_zone"]},
        )
        for index in range(_ZONES)
    )


def _routes(
    stack: Any, inputs: Inputs, the_vpc: Resource, kind: str, subnets: tuple[Resource, ...], **target: Any
) -> tuple[Resource, ...]:
    table = create(
        stack,
        route_table.RouteTable,
        kind,
        vpc_id=the_vpc.ref("id"),
        tags={"Name": f"{inputs.name('base')}-{kind}"},
    )
    default = create(
        stack,
        route.Route,
        f"{kind}_default",
        route_table_id=table.ref("id"),
        destination_cidr_block="0.0.0.0/0",
        **target,
    )
    associations = [
        create(
            stack,
            association.RouteTableAssociation,
            f"{kind}_{index}_routes",
            subnet_id=one.ref("id"),
            route_table_id=table.ref("id"),
        )
        for index, one in enumerate(subnets)
    ]
    return (default, *associations)
