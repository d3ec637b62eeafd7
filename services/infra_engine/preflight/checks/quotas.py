"""Service quotas: what others use now plus what the document asks for, against what AWS allows."""

from collections import defaultdict
from collections.abc import Iterator

from services.infra_engine.preflight.asked import Asked, AskedGroup
from services.infra_engine.preflight.checks.region import used_zone_ids
from services.infra_engine.preflight.facts import Facts, Unreadable, Usage
from services.infra_engine.preflight.families import NAMES, quota_code
from services.infra_engine.preflight.findings import Finding

ADDRESSES, VPCS, NAT_GATEWAYS = "L-0263D0A3", "L-F678F1CE", "L-FE5A380F"


def check(asked: Asked, facts: Facts) -> Iterator[Finding]:
    """VCPU_QUOTA_TOO_LOW, VCPU_QUOTA_BELOW_MAX (not blocking), ADDRESS_, VPC_ and NAT_GATEWAY_QUOTA_TOO_LOW."""
    usage = facts.usage
    if isinstance(facts.quotas, Unreadable) or isinstance(usage, Unreadable):
        return
    yield from _vcpus(asked, facts, usage, dict(facts.quotas))
    if asked.makes_network:
        yield from _network(asked, facts, usage, dict(facts.quotas))


def _vcpus(asked: Asked, facts: Facts, usage: Usage, quotas: dict[str, float]) -> Iterator[Finding]:
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
            _ask("ec2", code, most, asked, NAMES[code]),
            number=number,
            limit=limit,
            blocking=blocking,
        )


def _network(asked: Asked, facts: Facts, usage: Usage, quotas: dict[str, float]) -> Iterator[Finding]:
    network = asked.stack_input.network
    zone_ids = used_zone_ids(asked, facts)
    gateways = (len(zone_ids) or network.zone_count) if network.nat_per_zone else 1
    yield from _one(
        "ADDRESS_QUOTA_TOO_LOW",
        "network.nat",
        "elastic IP addresses",
        usage.addresses + gateways,
        ADDRESSES,
        "ec2",
        asked,
        quotas,
    )
    if not isinstance(facts.vpcs, Unreadable):
        number = sum(not vpc.ours for vpc in facts.vpcs) + 1
        yield from _one("VPC_QUOTA_TOO_LOW", "network", "VPCs", number, VPCS, "vpc", asked, quotas)
    zones = () if isinstance(facts.zones, Unreadable) else facts.zones
    names = [zone.name for zone in sorted(zones, key=lambda zone: zone.name) if zone.id in zone_ids]
    for name in names if network.nat_per_zone else names[:1]:
        number = usage.nat_gateways.get(name, 0) + 1
        yield from _one(
            "NAT_GATEWAY_QUOTA_TOO_LOW",
            "network.nat",
            f"NAT gateways in {name}",
            number,
            NAT_GATEWAYS,
            "vpc",
            asked,
            quotas,
        )


def _one(
    reason: str, field: str, what: str, number: int, code: str, service: str, asked: Asked, quotas: dict[str, float]
) -> Iterator[Finding]:
    limit = quotas.get(code)
    if limit is not None and number > limit:
        yield Finding(
            reason,
            field,
            f"The account would have {number} {what} with this environment's, and the quota is {limit:g}.",
            _ask(service, code, number, asked, what),
            number=number,
            limit=limit,
        )


def _ask(service: str, code: str, number: float, asked: Asked, name: str) -> str:
    region = asked.stack_input.account.region
    return f"Ask AWS to raise the quota {code} of {service} ({name}) in {region} to at least {number:g}."
