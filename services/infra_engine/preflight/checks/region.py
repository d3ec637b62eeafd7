"""The region and its zones."""

from collections.abc import Iterator

from services.infra_engine.preflight.asked import Asked
from services.infra_engine.preflight.facts import Facts, Unreadable, Zone
from services.infra_engine.preflight.findings import Finding
from services.infra_engine.stacks.aws.variables import ZONES_WITHOUT_EKS


def check(asked: Asked, facts: Facts) -> Iterator[Finding]:
    """REGION_UNKNOWN, REGION_NOT_OPTED_IN, ZONE_UNKNOWN, ZONE_WITHOUT_EKS, ZONES_TOO_FEW."""
    region = asked.stack_input.account.region
    if facts.region_opt_in == "":
        yield Finding(
            "REGION_UNKNOWN", "cloud.region", f"AWS has no region {region}.", "Name a region of the partition aws."
        )
    elif facts.region_opt_in == "not-opted-in":
        yield Finding(
            "REGION_NOT_OPTED_IN",
            "cloud.region",
            f"Account {asked.stack_input.account.account_id} has not opted in to {region}.",
            f"Enable {region} in the account's settings, or choose another region.",
        )
    if not asked.makes_network or isinstance(facts.zones, Unreadable):
        return
    network = asked.stack_input.network
    known = {zone.id for zone in facts.zones}
    for index, zone_id in enumerate(network.zone_ids):
        field = f"network.zone_ids[{index}]"
        if zone_id not in known:
            yield Finding(
                "ZONE_UNKNOWN",
                field,
                f"{region} has no zone {zone_id}.",
                f"Use zones of {', '.join(sorted(zone.id for zone in usable(facts.zones)))}.",
            )
        elif zone_id in ZONES_WITHOUT_EKS:
            yield Finding(
                "ZONE_WITHOUT_EKS",
                field,
                f"EKS has no control planes in {zone_id}.",
                f"Use zones of {', '.join(sorted(zone.id for zone in usable(facts.zones)))}.",
            )
    there = len(usable(facts.zones))
    if not network.zone_ids and there < network.zone_count:
        yield Finding(
            "ZONES_TOO_FEW",
            "network.zone_count",
            f"The account can use {there} zones of {region} for EKS, and {network.zone_count} are asked for.",
            "Lower network.zone_count, or choose another region.",
            number=network.zone_count,
            limit=there,
        )


def usable(zones: tuple[Zone, ...]) -> list[Zone]:
    """Zones that the stack may pick from, in its order: by name."""
    found = [zone for zone in zones if zone.usable and zone.id not in ZONES_WITHOUT_EKS]
    return sorted(found, key=lambda zone: zone.name)


def used_zone_ids(asked: Asked, facts: Facts) -> frozenset[str]:
    """Ids of the zones that subnets are in; empty when that cannot be told."""
    network, subnets = asked.stack_input.network, facts.subnets
    if asked.makes_network:
        if network.zone_ids:
            return frozenset(network.zone_ids)
        zones = () if isinstance(facts.zones, Unreadable) else facts.zones
        return frozenset(zone.id for zone in usable(zones)[: network.zone_count])
    if isinstance(subnets, Unreadable):
        return frozenset()
    return frozenset(subnets[one].zone_id for one in private_subnet_ids(asked, facts) if one in subnets)


def private_subnet_ids(asked: Asked, facts: Facts) -> tuple[str, ...]:
    """The subnets for nodes and stores of what is not ours: the document's, else the existing cluster's."""
    given = asked.stack_input.network.existing_private_subnet_ids
    if given or facts.cluster is None or isinstance(facts.cluster, Unreadable):
        return given
    return facts.cluster.subnet_ids
