"""Service quotas: what others use now plus what the document asks for, against what AWS allows."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from services.infra_engine.preflight.asked import Asked, AskedGroup
from services.infra_engine.preflight.checks.region import used_zone_ids
from services.infra_engine.preflight.facts import Facts, Unreadable, Usage
from services.infra_engine.preflight.families import NAMES, quota_code
from services.infra_engine.preflight.findings import Finding
from services.infra_engine.preflight.limits import Limit, ask_for, exceeded

ADDRESSES, VPCS, NAT_GATEWAYS = "L-0263D0A3", "L-F678F1CE", "L-FE5A380F"


def check(asked: Asked, facts: Facts) -> Iterator[Finding]:
    """VCPU_QUOTA_TOO_LOW, VCPU_QUOTA_BELOW_MAX (not blocking), ADDRESS_, VPC_ and NAT_GATEWAY_QUOTA_TOO_LOW."""
    usage = facts.usage
    if isinstance(facts.quotas, Unreadable) or isinstance(usage, Unreadable):
        return
    yield from _vcpus(asked, facts, usage, facts.quotas)
    if asked.makes_network:
        yield from _network(asked, facts, usage, facts.quotas)


def _vcpus(asked: Asked, facts: Facts, usage: Usage, quotas: Mapping[str, float]) -> Iterator[Finding]:
    sizes = facts.vcpus
    if isinstance(sizes, Unreadable):
        return
    groups: defaultdict[str, list[tuple[AskedGroup, int]]] = defaultdict(list)
    for one in asked.groups:
        # A reservation counts against the quota from the day it is made, used or not; a block never does.
        if one.group.capacity_reservation_id is None:
            largest = max(one.group.instance_types, key=lambda name: sizes.get(name, 0))
            code = quota_code(largest, spot=one.group.capacity_type == "SPOT")
            if code is not None and largest in sizes:
                groups[code].append((one, sizes[largest]))
    for code, asking in groups.items():
        if code not in quotas:
            continue
        used, limit = usage.vcpus.get(code, 0), quotas[code]
        first = used + sum(one.group.desired_size * vcpus for one, vcpus in asking)
        most = used + sum(one.group.max_size * vcpus for one, vcpus in asking)
        if most <= limit:
            continue
        blocking = first > limit
        biggest = max(asking, key=lambda pair: pair[0].group.max_size * pair[1])[0]
        number = first if blocking else most
        names = ", ".join(one.group.name for one, _ in asking)
        need = "The node groups {} need" if len(asking) > 1 else "The node group {} needs"
        yield Finding(
            "VCPU_QUOTA_TOO_LOW" if blocking else "VCPU_QUOTA_BELOW_MAX",
            f"{biggest.field}.{'desired_size' if blocking else 'max_size'}",
            f"{need.format(names)} {number} vCPUs {'at first' if blocking else 'at their largest'} with the"
            f" {used} that others use, and the quota is {limit:g}.",
            ask_for("ec2", code, most, asked, NAMES[code]),
            number=number,
            limit=limit,
            blocking=blocking,
        )


def _network(asked: Asked, facts: Facts, usage: Usage, quotas: Mapping[str, float]) -> Iterator[Finding]:
    network = asked.stack_input.network
    zone_ids = used_zone_ids(asked, facts)
    gateways = (len(zone_ids) or network.zone_count) if network.nat_per_zone else 1
    addresses = Limit("ADDRESS_QUOTA_TOO_LOW", "network.nat", "ec2", ADDRESSES, "elastic IP addresses")
    yield from exceeded(addresses, usage.addresses + gateways, quotas, asked)
    if not isinstance(facts.vpcs, Unreadable):
        number = sum(not vpc.ours for vpc in facts.vpcs) + 1
        yield from exceeded(Limit("VPC_QUOTA_TOO_LOW", "network", "vpc", VPCS, "VPCs"), number, quotas, asked)
    zones = () if isinstance(facts.zones, Unreadable) else facts.zones
    names = [zone.name for zone in sorted(zones, key=lambda zone: zone.name) if zone.id in zone_ids]
    for name in names if network.nat_per_zone else names[:1]:
        nats = Limit("NAT_GATEWAY_QUOTA_TOO_LOW", "network.nat", "vpc", NAT_GATEWAYS, f"NAT gateways in {name}")
        yield from exceeded(nats, usage.nat_gateways.get(name, 0) + 1, quotas, asked)
