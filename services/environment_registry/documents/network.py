"""Rules of `network`: a VPC of the environment's own, or one that is there."""

from __future__ import annotations

import ipaddress
import re

from provisioning.environment.v1 import environment_spec_pb2 as pb

from services.environment_registry.documents.findings import Findings, listed

_VPC = re.compile(r"vpc-([0-9a-f]{8}|[0-9a-f]{17})")
_SUBNET = re.compile(r"subnet-([0-9a-f]{8}|[0-9a-f]{17})")
_ZONE = re.compile(r"([a-z]{2,6}[0-9]{1,2})-az[0-9]{1,2}")
_ZONES_WITHOUT_EKS = ("use1-az3", "usw1-az2", "cac1-az3")
_PRIVATE = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_CIDR = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}")
# What CloudWatch Logs takes.
_RETENTIONS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip


def check_network(found: Findings, spec: pb.EnvironmentSpec, at: str) -> None:
    """Check `network`, beside the region and an existing cluster."""
    network, existing_cluster = spec.network, spec.cluster.use_existing
    if network.existing_vpc_id:
        found.match(
            f"{at}.existing_vpc_id", network.existing_vpc_id, _VPC, 'a VPC\'s id such as "vpc-0123456789abcdef0"'
        )
    if network.existing_vpc_id and existing_cluster:
        found.invalid(f"{at}.existing_vpc_id", "Is the existing cluster's with cluster.use_existing: leave it out.")
    if network.existing_vpc_id or existing_cluster:
        why = "with cluster.use_existing, whose VPC is used" if existing_cluster else "with existing_vpc_id"
        for field in ("cidr", "zone_count", "nat"):
            found.pointless(f"{at}.{field}", network.HasField(field), why)
        found.pointless(f"{at}.zone_ids", network.zone_ids, why)
    else:
        _new(found, network, at, spec.cloud.region)
    _subnets(found, network, at, existing_cluster)
    if network.HasField("log_retention_days") and network.log_retention_days not in _RETENTIONS:
        found.invalid(
            f"{at}.log_retention_days", f"Is {network.log_retention_days}: must be one of {listed(_RETENTIONS)}."
        )


def cidr(text: str) -> ipaddress.IPv4Network | None:
    """Answer the IPv4 range that a text is; None for anything else, also for one with bits behind its mask."""
    try:
        return ipaddress.IPv4Network(text) if _CIDR.fullmatch(text) else None
    except ValueError:
        return None


def _new(found: Findings, network: pb.NetworkSpec, at: str, region: str) -> None:
    if network.HasField("cidr"):
        block = cidr(network.cidr)
        if block is None or not 16 <= block.prefixlen <= 20 or not any(map(block.subnet_of, _PRIVATE)):
            rule = "a range of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 of the size /16 to /20"
            found.invalid(f"{at}.cidr", f'Must be {rule}, with no bits behind its mask, such as "10.20.0.0/16".')
    if network.HasField("zone_count"):
        found.within(f"{at}.zone_count", network.zone_count, 2, 3)
        if network.zone_ids and network.zone_count != len(network.zone_ids):
            found.invalid(
                f"{at}.zone_count", f"Is {network.zone_count}, but zone_ids has {len(network.zone_ids)}: leave it out."
            )
    found.enum(f"{at}.nat", network.nat, pb.NatMode)
    if network.zone_ids and found.counted(f"{at}.zone_ids", network.zone_ids, 2, 3, "zones"):
        found.each(f"{at}.zone_ids", network.zone_ids, _ZONE, 'a zone\'s id such as "use1-az1", not its name')
        for index, zone in enumerate(network.zone_ids):
            _zone(found, zone, f"{at}.zone_ids[{index}]", region)


def _zone(found: Findings, zone: str, at: str, region: str) -> None:
    match, start = _ZONE.fullmatch(zone), _zone_start(region)
    if match and start and match[1] != start:
        found.invalid(at, f"Is not of cloud.region: the zones of {region} begin with {start}-.")
    elif zone in _ZONES_WITHOUT_EKS:
        found.invalid(at, f"EKS has no control planes in {zone}: use another zone.")


def _zone_start(region: str) -> str:
    """Answer how a region's zone ids begin: `apse2` of `ap-southeast-2`; empty for what is no region."""
    parts = region.split("-")
    if len(parts) != 3 or not parts[2].isdigit():
        return ""
    short = re.sub(r"(north|south)(?=east|west)", lambda way: way[0][0], parts[1])
    way = short[:2] if short != parts[1] else short[:1]
    return f"{parts[0]}{way}{parts[2]}"


def _subnets(found: Findings, network: pb.NetworkSpec, at: str, existing_cluster: bool) -> None:
    private, public = network.existing_private_subnet_ids, network.existing_public_subnet_ids
    if not network.existing_vpc_id and not existing_cluster:
        for field, said in (("existing_private_subnet_ids", private), ("existing_public_subnet_ids", public)):
            found.pointless(f"{at}.{field}", said, "without existing_vpc_id or cluster.use_existing")
        return
    rule = 'a subnet\'s id such as "subnet-0123456789abcdef0"'
    least = 2 if private or not existing_cluster else 0
    if found.counted(f"{at}.existing_private_subnet_ids", private, least, 6, "subnets"):
        found.each(f"{at}.existing_private_subnet_ids", private, _SUBNET, rule)
    if found.counted(f"{at}.existing_public_subnet_ids", public, 0, 6, "subnets"):
        found.each(f"{at}.existing_public_subnet_ids", public, _SUBNET, rule)
        for index, one in enumerate(public):
            if one in private:
                found.invalid(f"{at}.existing_public_subnet_ids[{index}]", "Is private too: name it in one list.")
