"""Which hosts files may be fetched from."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.blobs.allowed_hosts import AllowedHosts, is_public
from geostead.blobs.location import Address, read_location

NOT_PUBLIC_IPV4 = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32",
]  # fmt: skip
NOT_PUBLIC_IPV6 = [
    "::/96", "::1/128", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:2::/48", "2001:db8::/32", "3fff::/20",
    "4000::/2", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "20.150.36.4", "2603:1030:a0a::4", "2a00:1450:4001::1", "64:ff9b::808:808", "2002:808:808::1"]

ipv4_not_public = st.sampled_from(NOT_PUBLIC_IPV4).flatmap(lambda block: st.ip_addresses(network=block))
ipv6_not_public = st.sampled_from(NOT_PUBLIC_IPV6).flatmap(lambda block: st.ip_addresses(network=block))


def _carrying(address: IPv4Address, block: str) -> IPv6Address:
    """Put an IPv4 address behind the prefix of an IPv6 block."""
    network = IPv6Network(block)
    return IPv6Address(int(network.network_address) | int(address) << (128 - network.prefixlen - 32))


carriers = st.sampled_from(["::ffff:0:0/96", "64:ff9b::/96", "2002::/16"])
not_public = ipv4_not_public | ipv6_not_public | st.builds(_carrying, ipv4_not_public, carriers)


@given(not_public)
def test_an_address_that_is_not_routed_everywhere_is_not_public_in_any_disguise(address: Address):
    assert not is_public(address)


@given(st.ip_addresses())
def test_whatever_python_knows_to_be_special_is_not_public(address: Address):
    special = (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address.is_reserved
    )
    carries = isinstance(address, IPv6Address) and (address.ipv4_mapped or address in IPv6Network("64:ff9b::/96"))
    assert not is_public(address) or not special or carries


@pytest.mark.parametrize("text", PUBLIC)
def test_an_address_of_the_internet_is_public(text: str):
    assert is_public(ip_address(text))


@given(not_public)
def test_a_suffix_never_opens_an_address_that_is_not_public(address: Address):
    allowed = AllowedHosts(["*.example"])

    assert not allowed.allow("files.example", address)
    assert allowed.allow("files.example", ip_address("8.8.8.8"))


@given(not_public | st.ip_addresses())
def test_an_exact_name_opens_whatever_address_it_has(address: Address):
    allowed = AllowedHosts(["Files.Example", "*.example"])

    assert allowed.allow("files.example", address)
    assert allowed.allow("other.example", address) == is_public(address)


@given(not_public | st.ip_addresses())
def test_a_listed_address_opens_exactly_itself_under_any_name(address: Address):
    allowed = AllowedHosts([str(address)])
    neighbour = type(address)(int(address) ^ 1)

    assert allowed.allow("any.example", address)
    assert not allowed.allow("any.example", neighbour)


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("10.0.0.0/8", "10.255.0.1"),
        ("10.1.2.3/8", "10.255.0.1"),
        ("10.0.0.0/8", "::ffff:10.0.0.1"),
        ("fd00::/8", "fd12::1"),
        ("fe80::/10", "fe80::1%2"),
        ("169.254.169.254", "169.254.169.254"),
    ],
)
def test_a_listed_network_opens_what_lies_in_it(entry: str, address: str):
    assert AllowedHosts([entry]).allow("any.example", ip_address(address))


@pytest.mark.parametrize("carrier", ["64:ff9b::/96", "2002::/16"])
def test_a_listed_network_does_not_open_the_ways_around_it(carrier: str):
    """A translator or a tunnel is another machine than the one that was listed."""
    address = _carrying(IPv4Address("10.0.0.1"), carrier)

    assert not AllowedHosts(["10.0.0.0/8", "*.example"]).allow("any.example", address)


@pytest.mark.parametrize(
    ("entries", "url", "may"),
    [
        (["files.example"], "http://files.example/", True),
        (["files.example"], "http://FILES.example.:81/", True),
        (["files.example"], "http://a.files.example/", False),
        (["files.example"], "http://evilfiles.example/", False),
        (["*.files.example"], "http://a.files.example/", True),
        (["*.files.example"], "http://a.b.files.example/", True),
        (["*.files.example"], "http://files.example/", False),
        (["*.files.example"], "http://evilfiles.example/", False),
        (["*.files.example"], "http://files.example.evil.example/", False),
        (["*.blob.core.windows.net"], "http://127.0.0.1/", False),
        (["*.blob.core.windows.net"], "http://8.8.8.8/", False),
        (["*.blob.core.windows.net"], "http://localhost/", False),
        (["*.blob.core.windows.net"], "http://[::1]/", False),
        (["10.0.0.0/8"], "http://10.1.1.1/", True),
        (["10.0.0.0/8"], "http://[::ffff:10.1.1.1]/", True),
        (["10.0.0.0/8"], "http://11.1.1.1/", False),
        (["10.0.0.0/8"], "http://its.addresses.may.lie.there/", True),
        (["xn--bcher-kva.example"], "http://bücher.example/", True),
        ([], "http://files.example/", False),
    ],
)
def test_what_can_be_told_without_looking_up_is_told(entries: list[str], url: str, may: bool):
    assert AllowedHosts(entries).may_allow(read_location(url)) == may


@given(st.sampled_from(NOT_PUBLIC_IPV4))
def test_the_borders_of_the_blocks_are_where_the_registry_has_them(block: str):
    network = IPv4Network(block)

    assert not is_public(network[0])
    assert not is_public(network[-1])
