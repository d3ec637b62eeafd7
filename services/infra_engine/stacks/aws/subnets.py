"""How the VPC's address space is cut."""

import ipaddress


class UnusableNetwork(ValueError):
    """The address space does not hold the stack's subnets."""

    def __init__(self, cidr: str, why: str) -> None:
        super().__init__(f"The network {cidr!r} cannot be used: {why}; give a private IPv4 /16 such as 10.0.0.0/16.")


def subnet_cidrs(cidr: str) -> tuple[list[str], list[str]]:
    """Two public and two private ranges of a /16. Raises `UnusableNetwork`.

    Public ones are the second and third /24, which NAT and load balancers share. Private ones are the second and third
    /18 (16,379 addresses each): the VPC CNI gives every pod an address of its own and keeps a spare interface warm on
    each node, so that a /24 is full at about a dozen nodes. The last /18 and the rest of the first stay free for a
    third zone.
    """
    try:
        network = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        raise UnusableNetwork(cidr, str(error)) from error
    if network.prefixlen != 16:
        raise UnusableNetwork(cidr, f"it is a /{network.prefixlen}")
    if not network.is_private:
        raise UnusableNetwork(cidr, "its addresses are public")
    small = list(network.subnets(new_prefix=24))
    large = list(network.subnets(new_prefix=18))
    return [str(small[1]), str(small[2])], [str(large[1]), str(large[2])]
