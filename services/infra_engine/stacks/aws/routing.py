"""How the VPC's subnets reach the world: an internet gateway, NAT, route tables, and a gateway endpoint for S3.

One NAT gateway for all zones or one a zone, by the document. The private subnets have a route table each in both cases,
so that changing from the one to the other moves routes and nothing else. Traffic to S3, the most of it images and
volumes, goes by the endpoint, which costs nothing, and not by NAT, which costs by the gigabyte.
"""

from typing import Any

from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.shape import StackShape
from services.infra_engine.stacks.aws.vpc import Vpc
from services.infra_engine.stacks.bindings import Resource, aws, create

internet_gateway = aws("internet_gateway")
eip = aws("eip")
nat_gateway = aws("nat_gateway")
route_table = aws("route_table")
route = aws("route")
association = aws("route_table_association")
endpoint = aws("vpc_endpoint")


def build_routing(stack: Any, inputs: Inputs, shape: StackShape, vpc: Vpc) -> tuple[Resource, ...]:
    """Everything that a node in a private subnet needs to reach AWS."""
    gateway = create(
        stack,
        internet_gateway.InternetGateway,
        "internet",
        vpc_id=vpc.vpc.ref("id"),
        tags={"Name": inputs.name("base")},
    )
    public = _table(stack, inputs, vpc, "public")
    way_out = [
        _default_route(stack, "public", public, gateway_id=gateway.ref("id")),
        *(_associate(stack, f"public_{index}", one, public) for index, one in enumerate(vpc.public)),
    ]
    nats = [
        _nat(stack, inputs, index, vpc.public[index], gateway, tuple(way_out))
        for index in range(shape.zones if shape.nat_per_zone else 1)
    ]
    tables = []
    for index, subnet in enumerate(vpc.private):
        label = f"private_{index}"
        table = _table(stack, inputs, vpc, label)
        nat = nats[index if shape.nat_per_zone else 0]
        way_out.append(_default_route(stack, label, table, nat_gateway_id=nat.ref("id")))
        way_out.append(_associate(stack, label, subnet, table))
        tables.append(table)
    create(
        stack,
        endpoint.VpcEndpoint,
        "s3",
        vpc_id=vpc.vpc.ref("id"),
        service_name=f"com.amazonaws.{inputs.text('region')}.s3",
        vpc_endpoint_type="Gateway",
        route_table_ids=[one.ref("id") for one in tables],
        tags={"Name": f"{inputs.name('base')}-s3"},
    )
    return tuple(way_out)


def _nat(
    stack: Any, inputs: Inputs, index: int, subnet: Resource, gateway: Resource, after: tuple[Resource, ...]
) -> Resource:
    name = f"{inputs.name('base')}-nat-{index}"
    address = create(stack, eip.Eip, f"nat_{index}", domain="vpc", tags={"Name": name}, depends_on=[gateway])
    return create(
        stack,
        nat_gateway.NatGateway,
        f"nat_gateway_{index}",
        allocation_id=address.ref("id"),
        subnet_id=subnet.ref("id"),
        tags={"Name": name},
        # Without a way to the internet the gateway would come up and carry nothing.
        depends_on=after,
    )


def _table(stack: Any, inputs: Inputs, vpc: Vpc, label: str) -> Resource:
    name = f"{inputs.name('base')}-{label.replace('_', '-')}"
    return create(stack, route_table.RouteTable, f"{label}_table", vpc_id=vpc.vpc.ref("id"), tags={"Name": name})


def _default_route(stack: Any, label: str, table: Resource, **target: Any) -> Resource:
    return create(
        stack,
        route.Route,
        f"{label}_default",
        route_table_id=table.ref("id"),
        destination_cidr_block="0.0.0.0/0",
        **target,
    )


def _associate(stack: Any, label: str, subnet: Resource, table: Resource) -> Resource:
    return create(
        stack,
        association.RouteTableAssociation,
        f"{label}_routes",
        subnet_id=subnet.ref("id"),
        route_table_id=table.ref("id"),
    )
