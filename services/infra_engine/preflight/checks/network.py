"""A VPC of the customer's own, and address spaces that meet."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from services.infra_engine.preflight.asked import Asked
from services.infra_engine.preflight.checks.region import private_subnet_ids, used_zone_ids
from services.infra_engine.preflight.facts import Facts, Subnet, Unreadable, Vpc
from services.infra_engine.preflight.findings import Finding

LEAST_FREE_ADDRESSES = 16
"""What EKS recommends for each subnet of a control plane."""
ADDRESSES_A_NODE = 30
"""About what the VPC CNI takes for a node of ordinary size with its pods and a spare interface."""

_INTERNAL, _PUBLIC = "kubernetes.io/role/internal-elb", "kubernetes.io/role/elb"


def check(asked: Asked, facts: Facts) -> Iterator[Finding]:
    """CIDR_OVERLAPS of a new VPC; VPC_ and SUBNET_ findings of an existing one."""
    if isinstance(facts.vpcs, Unreadable):
        return
    if asked.makes_network:
        yield from _overlaps(asked, facts.vpcs)
        return
    vpc_id = asked.stack_input.network.existing_vpc_id
    if vpc_id is None and facts.cluster is not None and not isinstance(facts.cluster, Unreadable):
        vpc_id = facts.cluster.vpc_id
    if vpc_id is None:
        return
    vpc = next((one for one in facts.vpcs if one.id == vpc_id), None)
    if vpc is None:
        yield Finding(
            "VPC_NOT_FOUND",
            "network.existing_vpc_id",
            f"There is no VPC {vpc_id} in {asked.stack_input.account.region}.",
            "Give the id of a VPC of the account and region.",
        )
        return
    if not vpc.dns:
        yield Finding(
            "VPC_DNS_DISABLED",
            "network.existing_vpc_id",
            f"{vpc_id} lacks DNS hostnames or DNS support, without which nodes do not find the cluster.",
            "Enable both in the VPC's DNS settings.",
        )
    if not isinstance(facts.subnets, Unreadable):
        yield from _subnets(asked, facts, dict(facts.subnets), vpc_id)


def _overlaps(asked: Asked, vpcs: tuple[Vpc, ...]) -> Iterator[Finding]:
    """Two VPCs may have the same addresses until they are joined: said of those that are joined to others already."""
    own = IPv4Network(asked.stack_input.network.cidr)
    meeting = [vpc for vpc in vpcs if vpc.peers and not vpc.ours and any(own.overlaps(one) for one in vpc.cidrs)]
    if meeting:
        names = ", ".join(
            f"{vpc.id} ({', '.join(map(str, vpc.cidrs))}, joined to {', '.join(vpc.peers)})" for vpc in meeting
        )
        yield Finding(
            "CIDR_OVERLAPS",
            "network.cidr",
            f"{own} overlaps with {names}: the new VPC can never be peered with it.",
            "Choose another network.cidr if the two are to reach each other; it cannot be changed later.",
            blocking=False,
        )


def _subnets(asked: Asked, facts: Facts, subnets: dict[str, Subnet], vpc_id: str) -> Iterator[Finding]:
    network = asked.stack_input.network
    private, kinds = private_subnet_ids(asked, facts), list[tuple[str, str, bool]]()
    for index, one in enumerate(private):
        kinds.append((f"network.existing_private_subnet_ids[{index}]", one, True))
    for index, one in enumerate(network.existing_public_subnet_ids):
        kinds.append((f"network.existing_public_subnet_ids[{index}]", one, False))
    for field, subnet_id, is_private in kinds:
        subnet = subnets.get(subnet_id)
        if subnet is None:
            yield Finding(
                "SUBNET_NOT_FOUND", field, f"There is no subnet {subnet_id}.", f"Give the id of a subnet of {vpc_id}."
            )
        elif subnet.vpc_id != vpc_id:
            yield Finding(
                "SUBNET_IN_OTHER_VPC",
                field,
                f"{subnet_id} is in {subnet.vpc_id}, not in {vpc_id}.",
                f"Give the id of a subnet of {vpc_id}.",
            )
        else:
            yield from _subnet(field, subnet, is_private)
    zones = used_zone_ids(asked, facts)
    if private and all(one in subnets for one in private) and len(zones) < 2:
        yield Finding(
            "SUBNETS_IN_ONE_ZONE",
            "network.existing_private_subnet_ids",
            f"All private subnets are in {', '.join(sorted(zones))}; EKS, the database and the cache need two zones.",
            "Add a private subnet of another zone.",
            number=len(zones),
            limit=2,
        )
    free = sum(subnets[one].free_addresses for one in private if one in subnets)
    wanted = sum(one.group.max_size for one in asked.groups) * ADDRESSES_A_NODE
    if private and free < wanted:
        yield Finding(
            "ADDRESSES_FEW",
            "network.existing_private_subnet_ids",
            f"The private subnets have {free} free addresses, and all nodes with their pods may take about {wanted}.",
            "Add larger subnets, or lower the node groups' max_size.",
            number=wanted,
            limit=free,
            blocking=False,
        )


def _subnet(field: str, subnet: Subnet, is_private: bool) -> Iterator[Finding]:
    if subnet.free_addresses < LEAST_FREE_ADDRESSES:
        yield Finding(
            "SUBNET_TOO_SMALL",
            field,
            f"{subnet.id} has {subnet.free_addresses} free addresses; {LEAST_FREE_ADDRESSES} are the least.",
            "Free some, or give a larger subnet.",
            number=subnet.free_addresses,
            limit=LEAST_FREE_ADDRESSES,
        )
    if subnet.default_route is None:
        yield Finding(
            "SUBNET_WITHOUT_DEFAULT_ROUTE",
            field,
            f"{subnet.id} has no route to 0.0.0.0/0, so that nodes reach neither AWS nor images.",
            f"Route 0.0.0.0/0 of its route table to {'a NAT gateway' if is_private else 'an internet gateway'}.",
        )
    elif subnet.default_route.startswith("igw-") == is_private:
        yield Finding(
            "SUBNET_OF_OTHER_KIND",
            field,
            f"{subnet.id} is {'public' if is_private else 'private'}: 0.0.0.0/0 goes to {subnet.default_route}.",
            "Give a private subnet: nodes get no public address." if is_private else "Give a public subnet.",
            blocking=is_private,
        )
    tag = _INTERNAL if is_private else _PUBLIC
    if subnet.tags.get(tag) not in ("1", ""):
        yield Finding(
            "SUBNET_TAG_MISSING",
            field,
            f"{subnet.id} lacks the tag {tag} = 1, by which load balancers are placed.",
            f"Add the tag {tag} = 1 to it; this platform never changes what it did not make.",
            blocking=False,
        )
