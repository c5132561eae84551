"""Whom an address stands for."""

import pytest

from app.networks import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::1", "::/64"),
        ("", ""),
        ("unix:/run/patron", "unix:/run/patron"),
    ],
)
def test_ipv4_stands_for_itself_ipv6_for_its_64(address: str, network: str) -> None:
    assert network_of(address) == network


def test_whatever_a_proxy_writes_there_stays_short() -> None:
    assert len(network_of("x" * 10_000)) == 100
