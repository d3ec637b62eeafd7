"""Network interfaces and security groups that a service makes in the customer's VPC.

AWS: databases, caches, load balancers and control planes have interfaces in their subnets, which nobody but
the service can delete and which hold subnet, security group and VPC until they are gone.
moto: only instances, endpoints and NAT gateways have any, and they hold nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from libs.sandbox.aws.moto_apps import mend


@dataclass(frozen=True, slots=True)
class Subnet:
    """What other services want to know of a subnet."""

    subnet_id: str
    vpc_id: str
    zone: str
    zone_id: str


def backend(account_id: str, region: str) -> Any:
    """EC2's state in an account and region, mended even when nobody has called EC2 yet."""
    mend("ec2")
    from moto.ec2.models import ec2_backends

    return ec2_backends[account_id][region]


def subnet(account_id: str, region: str, subnet_id: str) -> Subnet | None:
    """The subnet, or None."""
    for by_id in backend(account_id, region).subnets.values():
        if subnet_id in by_id:
            found = by_id[subnet_id]
            return Subnet(subnet_id, found.vpc_id, found.availability_zone, found.availability_zone_id)
    return None


def attach(
    account_id: str,
    region: str,
    owner: str,
    description: str,
    subnet_ids: Sequence[str],
    security_group_ids: Sequence[str],
) -> list[str]:
    """One interface in each subnet for `owner` (such as `rds/name`); ids of the interfaces."""
    ec2 = backend(account_id, region)
    made = []
    for subnet_id in subnet_ids:
        interface = ec2.create_network_interface(
            ec2.get_subnet(subnet_id), [], group_ids=list(security_group_ids), description=description
        )
        interface.requester_managed = True
        interface.sandbox_owner = owner
        interface.status = "in-use"
        made.append(interface.id)
    return made


def regroup(account_id: str, region: str, owner: str, security_group_ids: Sequence[str]) -> None:
    """Put the interfaces of `owner` into other security groups, as a change of their resource does."""
    ec2 = backend(account_id, region)
    groups = [ec2.get_security_group_from_id(group_id) for group_id in security_group_ids]
    for interface in ec2.enis.values():
        if getattr(interface, "sandbox_owner", None) == owner:
            interface._group_set = [group for group in groups if group is not None]


def detach(account_id: str, region: str, owner: str) -> None:
    """Remove every interface of `owner`. Nothing happens when there is none."""
    enis = backend(account_id, region).enis
    for interface_id, interface in list(enis.items()):
        if getattr(interface, "sandbox_owner", None) == owner:
            del enis[interface_id]


def create_security_group(
    account_id: str, region: str, vpc_id: str, name: str, description: str, tags: dict[str, str]
) -> str:
    """Make a group that a service owns, allowing itself and every way out; its id."""
    ec2 = backend(account_id, region)
    group = ec2.create_security_group(name, description, vpc_id=vpc_id, tags=tags)
    ec2.authorize_security_group_ingress(
        group.id, "-1", None, None, [], source_groups=[{"GroupId": group.id}], vpc_id=vpc_id
    )
    return str(group.id)


def delete_security_group(account_id: str, region: str, group_id: str) -> None:
    """Remove a group that a service owns. Nothing happens when there is none."""
    for groups in backend(account_id, region).groups.values():
        groups.pop(group_id, None)
