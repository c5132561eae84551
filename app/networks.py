"""Whom an IP address stands for when attempts are counted: IPv4 one by one, IPv6 by the network."""

from ipaddress import AddressValueError, IPv4Address, IPv6Address, IPv6Network

HOME = 64
"""A household or a machine has at least a /64 of IPv6, and may take any of its addresses for each attempt."""


def network_of(address: str) -> str:
    """The address of IPv4, the /64 of IPv6; what is neither (a socket's name) stands for itself."""
    plain = address.strip().strip("[]").partition("%")[0]
    try:
        return str(IPv4Address(plain))
    except AddressValueError:
        pass
    try:
        number = IPv6Address(plain)
    except AddressValueError:
        return address.strip()[:100]
    if number.ipv4_mapped is not None:
        return str(number.ipv4_mapped)
    return str(IPv6Network((int(number), HOME), strict=False))
