"""What a cluster has in the customer's VPC: its security group and the interfaces of its control plane."""

from __future__ import annotations

from dataclasses import dataclass

from libs.sandbox.aws.ec2 import interfaces
from libs.sandbox.aws.eks.failures import InvalidParameter, UnsupportedZone
from libs.sandbox.aws.eks.models import EksBackend

ZONES_WITHOUT_CONTROL_PLANES = frozenset({"use1-az3", "usw1-az2", "cac1-az3"})
"""Ids of the zones where EKS puts no control plane; nodes may be there."""


@dataclass(frozen=True, slots=True)
class ClusterNetwork:
    """Where a cluster is."""

    vpc_id: str
    security_group_id: str


def check_subnets(backend: EksBackend, name: str, subnet_ids: list[str]) -> str:
    """The VPC of the subnets; refused as EKS does when they do not exist, lie in one zone only or in a wrong one."""
    subnets = []
    for subnet_id in subnet_ids:
        found = interfaces.subnet(backend.account_id, backend.region_name, subnet_id)
        if found is None:
            raise InvalidParameter(f"The subnet ID '{subnet_id}' does not exist")
        subnets.append(found)
    _check_zones(backend, name, subnets)
    if len({subnet.zone for subnet in subnets}) < 2:
        raise InvalidParameter("Subnets specified must be in at least two different AZs")
    if len({subnet.vpc_id for subnet in subnets}) > 1:
        raise InvalidParameter("Subnets specified must belong to one VPC")
    return subnets[0].vpc_id


def _check_zones(backend: EksBackend, name: str, subnets: list[interfaces.Subnet]) -> None:
    for subnet in subnets:
        if subnet.zone_id in ZONES_WITHOUT_CONTROL_PLANES:
            ec2 = interfaces.backend(backend.account_id, backend.region_name)
            good = [
                zone.name
                for zone in ec2.describe_availability_zones()
                if zone.zone_id not in ZONES_WITHOUT_CONTROL_PLANES
            ]
            raise UnsupportedZone(
                f"Cannot create cluster '{name}' because EKS does not support creating control plane instances in "
                f"{subnet.zone}, the targeted availability zone. Retry cluster creation using control plane subnets "
                f"that span at least two of these availability zones: {', '.join(good)}."
            )


def zones(backend: EksBackend, subnet_ids: list[str]) -> tuple[str, ...]:
    """Zones of subnets, each once, in their order."""
    found = (interfaces.subnet(backend.account_id, backend.region_name, subnet_id) for subnet_id in subnet_ids)
    return tuple(dict.fromkeys(subnet.zone for subnet in found if subnet))


def enter(backend: EksBackend, name: str, subnet_ids: list[str], security_group_ids: list[str]) -> ClusterNetwork:
    """Make the cluster's security group and interfaces in its VPC."""
    vpc_id = check_subnets(backend, name, subnet_ids)
    group_id = interfaces.create_security_group(
        backend.account_id,
        backend.region_name,
        vpc_id,
        f"eks-cluster-sg-{name}",
        "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes, "
        "as well as any managed workloads.",
        {"aws:eks:cluster-name": name, f"kubernetes.io/cluster/{name}": "owned", "Name": f"eks-cluster-sg-{name}"},
    )
    _attach(backend, name, subnet_ids, [group_id, *security_group_ids])
    return ClusterNetwork(vpc_id, group_id)


def move(backend: EksBackend, name: str, subnet_ids: list[str], security_group_ids: list[str]) -> None:
    """Put the control plane's interfaces into other subnets or security groups."""
    check_subnets(backend, name, subnet_ids)
    interfaces.detach(backend.account_id, backend.region_name, _owner(name))
    _attach(backend, name, subnet_ids, security_group_ids)


def _attach(backend: EksBackend, name: str, subnet_ids: list[str], security_group_ids: list[str]) -> None:
    account_id, region = backend.account_id, backend.region_name
    interfaces.attach(account_id, region, _owner(name), f"Amazon EKS {name}", subnet_ids[:2], security_group_ids)


def leave(backend: EksBackend, name: str, network: ClusterNetwork) -> None:
    """Take the cluster's interfaces and its security group out of the VPC."""
    interfaces.detach(backend.account_id, backend.region_name, _owner(name))
    interfaces.delete_security_group(backend.account_id, backend.region_name, network.security_group_id)


def _owner(name: str) -> str:
    return f"eks/{name}"
