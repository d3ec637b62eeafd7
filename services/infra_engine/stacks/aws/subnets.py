"""How the VPC's address space is cut."""

import ipaddress

_PRIVATE = [ipaddress.IPv4Network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")]
_SMALLEST_PUBLIC = 26
ZONES = (2, 3)


class UnusableNetwork(ValueError):
    """The address space does not hold the stack's subnets."""

    def __init__(self, cidr: str, why: str) -> None:
        super().__init__(
            f"The network {cidr[:80]!r} cannot be used: {why};"
            " give a private IPv4 range of /16 to /20, such as 10.0.0.0/16."
        )


def subnet_cidrs(cidr: str, zones: int) -> tuple[list[str], list[str]]:
    """The public and the private ranges, one of each a zone. Raises `UnusableNetwork`.

    Private ones are the second to the fourth quarter (16,379 addresses each in a /16, 1,019 in a /20): the VPC CNI
    gives every pod an address of its own and keeps a spare interface warm on each node, so that a /24 is full at about
    a dozen nodes. Public ones, which NAT and load balancers share, lie in the first quarter, behind its first piece:
    /24 of a /16, and never smaller than the /27 that a load balancer wants.
    """
    try:
        network = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        raise UnusableNetwork(cidr, "it is no IPv4 network") from error
    if not 16 <= network.prefixlen <= 20:
        raise UnusableNetwork(cidr, f"it is a /{network.prefixlen}")
    if not any(network.subnet_of(one) for one in _PRIVATE):
        raise UnusableNetwork(cidr, "its addresses are public")
    quarters = list(network.subnets(prefixlen_diff=2))
    pieces = list(quarters[0].subnets(new_prefix=min(network.prefixlen + 8, _SMALLEST_PUBLIC)))
    return [str(one) for one in pieces[1 : 1 + zones]], [str(one) for one in quarters[1 : 1 + zones]]
