"""Where deliveries go, and where they do not: whatever a name, or a number, leads to."""

from collections.abc import Sequence
from ipaddress import ip_network

import pytest

from app.webhooks.addresses import Addresses, Refused, Unresolved, system_resolver
from app.webhooks.places import Unusable, place

PUBLIC = ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"]
SHUT = [
    "127.0.0.1", "127.255.0.9", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "0.0.0.0", "0.1.2.3", "100.64.0.1", "192.0.2.1", "198.51.100.7", "203.0.113.9", "198.18.0.1", "224.0.0.1",
    "240.0.0.1", "255.255.255.255", "192.88.99.1", "192.0.0.8",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1", "fe80::1",
    "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "fec0::1", "2001:db8::1", "3fff::1", "100::1",
    "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::7f00:1",
    "2002:7f00:1::", "2002:808:808::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001::1", "5f00::1",
    "no address",
]  # fmt: skip
UNUSABLE = [
    None, "", "shop.example/hook", "ftp://shop.example/", "file:///etc/passwd", "gopher://shop.example:70/",
    "http://", "http:///hook", "http://ann:secret@shop.example/", "http://shop.example@127.0.0.1/",
    "http://shop.example:0/", "http://shop.example:99999/", "http://[::1", f"https://{'ü' * 64}.example",
]  # fmt: skip


def leading_to(*answers: Sequence[str]) -> Addresses:
    """Addresses of a name whose meaning changes each time that it is asked for."""
    given = iter(answers)
    return Addresses(resolve=lambda _host, _port: next(given))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_open(address: str) -> None:
    assert leading_to([address]).of("shop.example", 443) == [address]


@pytest.mark.parametrize("address", SHUT)
def test_what_is_not_public_is_refused_even_beside_what_is(address: str) -> None:
    with pytest.raises(Refused):
        leading_to([address]).of("shop.example", 443)
    with pytest.raises(Refused):
        leading_to(["8.8.8.8", address]).of("shop.example", 443)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "0"])
def test_a_host_in_disguise_is_what_the_system_takes_it_for(host: str) -> None:
    with pytest.raises(Refused):
        Addresses().of(host, 80)
    assert Addresses([ip_network("0.0.0.0/8"), ip_network("127.0.0.0/8"), ip_network("::1")]).of(host, 80)


def test_a_name_is_asked_for_once_and_each_attempt_anew() -> None:
    addresses = leading_to(["8.8.8.8"], ["127.0.0.1"])

    assert addresses.of("flips.example", 443) == ["8.8.8.8"]
    with pytest.raises(Refused):
        addresses.of("flips.example", 443)


def test_the_operator_may_allow_a_network_and_nothing_else_with_it() -> None:
    inside = Addresses([ip_network("10.1.0.0/16")], lambda host, _port: [host])

    assert inside.of("10.1.2.3", 80)
    assert inside.of("::ffff:10.1.2.3", 80)
    with pytest.raises(Refused):
        inside.of("10.2.0.1", 80)


def test_a_name_that_leads_nowhere_is_no_place() -> None:
    with pytest.raises(Unresolved):
        leading_to([]).of("shop.example", 80)
    with pytest.raises(Unresolved):
        Addresses(resolve=system_resolver).of("a" * 64 + ".example", 80)


@pytest.mark.parametrize("url", UNUSABLE)
def test_a_url_must_be_of_http_and_name_a_host_and_nobody(url: str | None) -> None:
    with pytest.raises(Unusable):
        place(url)


def test_what_is_asked_for_cannot_smuggle_a_header() -> None:
    found = place("HTTP://Shop.Example:8080/a b\t\r\nX: y/ü?q=%20 '#part")

    assert (found.host, found.port, found.authority) == ("shop.example", 8080, "shop.example:8080")
    assert found.target.isascii()
    assert not set(found.target) & set(" \r\n\t")
    assert "part" not in found.target
    assert place("https://[2606:4700::1]/").authority == "[2606:4700::1]"
