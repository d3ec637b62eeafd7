"""Interfaces of load balancers, classic and v2.

AWS: a load balancer has one in each subnet, which holds subnet, security groups and VPC until it is deleted.
moto: has none, so that a network is deleted from under it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from moto.elb.models import ELBBackend
from moto.elbv2.models import ELBv2Backend

from libs.sandbox.aws.ec2 import interfaces


def mend() -> None:
    """Wrap create and delete of both kinds."""
    _mend_v2()
    _mend_classic()


def _attach(backend: Any, owner: str, what: str, subnets: Sequence[str], groups: Sequence[str]) -> None:
    interfaces.attach(backend.account_id, backend.region_name, owner, f"ELB {what}", subnets, groups)


def _mend_v2() -> None:
    create, delete = ELBv2Backend.create_load_balancer, ELBv2Backend.delete_load_balancer
    regroup = ELBv2Backend.set_security_groups

    def create_placed(self: ELBv2Backend, *arguments: Any, **named: Any) -> Any:
        balancer = create(self, *arguments, **named)
        what = balancer.arn.rsplit("loadbalancer/", 1)[-1]
        subnets = [subnet.id for subnet in balancer.subnets]
        _attach(self, balancer.arn, what, subnets, balancer.security_groups or [])
        return balancer

    def delete_placed(self: ELBv2Backend, arn: str) -> None:
        delete(self, arn)
        interfaces.detach(self.account_id, self.region_name, arn)

    def regroup_placed(self: ELBv2Backend, arn: str, sec_groups: list[str]) -> None:
        regroup(self, arn, sec_groups)
        interfaces.regroup(self.account_id, self.region_name, arn, sec_groups)

    ELBv2Backend.set_security_groups = regroup_placed  # type: ignore[method-assign]
    ELBv2Backend.create_load_balancer = create_placed  # type: ignore[method-assign]
    ELBv2Backend.delete_load_balancer = delete_placed  # type: ignore[method-assign]


def _mend_classic() -> None:
    create, delete = ELBBackend.create_load_balancer, ELBBackend.delete_load_balancer

    def create_placed(self: ELBBackend, *arguments: Any, **named: Any) -> Any:
        balancer = create(self, *arguments, **named)
        _attach(self, f"elb/{balancer.name}", balancer.name, balancer.subnets or [], balancer.security_groups or [])
        return balancer

    def delete_placed(self: ELBBackend, load_balancer_name: str) -> None:
        delete(self, load_balancer_name)
        interfaces.detach(self.account_id, self.region_name, f"elb/{load_balancer_name}")

    ELBBackend.create_load_balancer = create_placed  # type: ignore[method-assign]
    ELBBackend.delete_load_balancer = delete_placed  # type: ignore[method-assign]
