"""A VPC of the customer's, or that of their cluster: read, and never changed; not even a tag.

Builds nothing but data sources: the private subnets that the document names, one by one (their zones are asked for by
node groups that must be in one), and the public ones by the tag that load balancers look for, unless they are named.
What their routes and sizes must be is checked before anything is built.
"""

from typing import Any

from services.infra_engine.stacks.aws.addresses import CLUSTER_SUBNETS, CLUSTER_VPC
from services.infra_engine.stacks.aws.inputs import Inputs, listed
from services.infra_engine.stacks.aws.placement import Network
from services.infra_engine.stacks.aws.shape import StackShape
from services.infra_engine.stacks.bindings import aws, create

subnet = aws("data_aws_subnet")
subnets = aws("data_aws_subnets")


def build_existing_network(stack: Any, inputs: Inputs, shape: StackShape) -> Network:
    """An existing cluster's data source is declared by whoever builds the cluster."""
    vpc_id = f"${{{CLUSTER_VPC}}}" if shape.existing_cluster else inputs.text("existing_vpc_id")
    if not shape.existing_public_subnets:
        create(
            stack,
            subnets.DataAwsSubnets,
            "public",
            filter=[
                subnets.DataAwsSubnetsFilter(name="vpc-id", values=[vpc_id]),
                subnets.DataAwsSubnetsFilter(name="tag-key", values=["kubernetes.io/role/elb"]),
            ],
        )
    found = tuple(
        create(
            stack,
            subnet.DataAwsSubnet,
            f"private_{index}",
            # A subnet of another VPC is not found, so that nothing is built astride two.
            vpc_id=vpc_id,
            id=inputs.item("existing_private_subnet_ids", index),
        )
        for index in range(shape.existing_subnets)
    )
    ids = [one.ref("id") for one in found] or listed(CLUSTER_SUBNETS)
    return Network(vpc_id=vpc_id, private_subnet_ids=ids, subnets=found)
