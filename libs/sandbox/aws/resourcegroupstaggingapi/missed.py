"""Resources that carry tags.

AWS: GetResources finds whatever takes tags, but for IAM's users, roles and policies and Auto Scaling groups.
moto: misses launch templates, VPC endpoints, elastic addresses, security-group rules and capacity reservations,
names NAT gateways and flow logs unlike their ARNs, and misses RDS's parameter and subnet groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.ec2.models import EC2Backend
from moto.rds.models import RDSBackend

_OWN_NAMES = {"ec2:flow-logs": "vpc-flow-log"}


def mend() -> None:
    """Let both backends yield the rest."""
    _mend_ec2()
    _mend_rds()


def _mend_ec2() -> None:
    original = EC2Backend.iter_tagged_resources

    def resources(self: EC2Backend) -> Iterator[TaggedResource]:
        for found in original(self):
            name = _OWN_NAMES.get(found.resource_type)
            if name:
                found.arn = f"{found.arn.rsplit(':', 1)[0]}:{name}/{found.arn.rsplit('/', 1)[-1]}"
                found.resource_type = f"ec2:{name}"
            yield found
        for kind, identifier, tags in _ec2(self):
            arn = f"arn:{self.partition}:ec2:{self.region_name}:{self.account_id}:{kind}/{identifier}"
            yield TaggedResource(arn, tags, f"ec2:{kind}")

    EC2Backend.iter_tagged_resources = resources  # type: ignore[method-assign]


def _ec2(ec2: Any) -> Iterator[tuple[str, str, dict[str, str]]]:
    def tagged(identifier: str) -> dict[str, str]:
        return dict(ec2.tags.get(identifier, {}))

    for template in ec2.launch_templates.values():
        yield "launch-template", template.id, tagged(template.id)
    for endpoint in ec2.vpc_end_points.values():
        if endpoint.state == "available":
            yield "vpc-endpoint", endpoint.id, tagged(endpoint.id)
    for address in ec2.addresses:
        if address.allocation_id:
            yield "elastic-ip", address.allocation_id, tagged(address.allocation_id)
    for group in (group for groups in ec2.groups.values() for group in groups.values()):
        for rule in (*group.ingress_rules, *group.egress_rules):
            yield "security-group-rule", rule.id, tagged(rule.id) or _tags(getattr(rule, "tags", None))


def _mend_rds() -> None:
    original = RDSBackend.iter_tagged_resources

    def resources(self: RDSBackend) -> Iterator[TaggedResource]:
        yield from original(self)
        backend: Any = self
        kinds: dict[str, Iterable[Any]] = {
            "rds:pg": [group for name, group in backend.db_parameter_groups.items() if not name.startswith("default.")],
            "rds:subgrp": backend.subnet_groups.values(),
        }
        for kind, groups in kinds.items():
            for group in groups:
                yield TaggedResource(group.arn, {tag["Key"]: tag["Value"] for tag in group.get_tags()}, kind)

    RDSBackend.iter_tagged_resources = resources  # type: ignore[method-assign]


def _tags(given: Any) -> dict[str, str]:
    if isinstance(given, dict):
        return dict(given)
    return {tag["Key"]: tag["Value"] for tag in given or []}
