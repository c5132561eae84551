"""Where deliveries may go: to public addresses, and to networks that the operator allows.

A name is resolved once for an attempt, all its addresses are checked, and the connection is made to a
checked address, never to the name: what a name means may change from one moment to the next.
"""

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from app.config import Network
from app.receivers import literal_host

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

_NAT64 = IPv6Network("64:ff9b::/96")
_NEVER_PUBLIC: tuple[Network, ...] = (
    IPv4Network("100.64.0.0/10"),  # carriers' own
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
    IPv4Network("198.18.0.0/15"),
    IPv6Network("::/96"),  # IPv4 in the form that was given up
    IPv6Network("64:ff9b:1::/48"),  # NAT64 of one network alone
    IPv6Network("100::/64"),
    IPv6Network("2001::/32"),  # Teredo
    IPv6Network("2002::/16"),  # 6to4
    IPv6Network("3fff::/20"),
    IPv6Network("5f00::/16"),
    IPv6Network("fec0::/10"),  # once site-local
)
"""What is refused even where Python takes it for public: its versions differ, and tunnels hide their ends."""


class Refused(Exception):
    """A name that leads where deliveries do not go."""


class Unresolved(Exception):
    """A name that leads nowhere."""


def system_resolver(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, as the system knows them; of one written as a number, too."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


class Addresses:
    """Resolves hosts to addresses that deliveries may go to."""

    def __init__(self, allowed: Sequence[Network] = (), resolve: Resolve = system_resolver) -> None:
        self._allowed = tuple(allowed)
        self._resolve = resolve

    def of(self, host: str, port: int) -> list[str]:
        """The addresses of a host, each checked; in the resolver's order, each once.

        :raises Refused: where one of them, or one hidden in it, is neither public nor allowed.
        :raises Unresolved: where there is none.
        """
        try:
            found = list(dict.fromkeys(self._resolve(host, port)))
        except (OSError, UnicodeError) as error:
            raise Unresolved(f"{host} cannot be resolved") from error
        if not found:
            raise Unresolved(f"{host} has no address")
        for each in found:
            if not self._is_open(each):
                raise Refused(f"{host} leads to where deliveries do not go")  # inner addresses stay inside
        return found

    def fault(self, url: str) -> str | None:
        """What is wrong with a URL that names an address itself; where a name leads, each delivery looks."""
        host = literal_host(url)
        return None if host is None or self._is_open(host) else f"leads to {host}, where deliveries do not go"

    def _is_open(self, text: str) -> bool:
        try:
            address = ip_address(text)
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.scope_id:
            return False
        meant = _meant(address)
        return self._is_allowed(address) or self._is_allowed(meant) or _is_public(meant)

    def _is_allowed(self, address: Address) -> bool:
        return any(address.version == each.version and address in each for each in self._allowed)


def _is_public(address: Address) -> bool:
    special = (
        address.is_private,
        address.is_loopback,
        address.is_link_local,
        address.is_multicast,
        address.is_unspecified,
        address.is_reserved,
    )
    shut = any(address.version == each.version and address in each for each in _NEVER_PUBLIC)
    return address.is_global and not any(special) and not shut


def _meant(address: Address) -> Address:
    """Where packets to an address come out: at the IPv4 address that is written within it, if one is."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address
