"""Which hosts files may be fetched from (http-api.md, section 3.1): by name, by suffix, by address.

What the operator lists by its exact name is allowed, whatever its addresses. What matches ``*.suffix`` is allowed as
far as its addresses are public: whoever writes into that zone must not reach the machines next to ours. Any other host
is allowed if all its addresses are listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from geostead.blobs.location import Address, Location

# The special-purpose registries of IANA have more than this, and ``is_global`` knows them; what stands here is what the
# ``is_global`` of some Python we run on takes for public: <https://www.iana.org/assignments/iana-ipv4-special-registry>.
_NOT_PUBLIC_IPV4 = tuple(map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24")))
_PUBLIC_IPV6 = IPv6Network("2000::/3")
_NOT_PUBLIC_IPV6 = tuple(map(IPv6Network, ("2001::/23", "3fff::/20")))
_NAT64 = IPv6Network("64:ff9b::/96")


class AllowedHosts:
    """The operator's list. Its entries are names, ``*.suffix``, addresses and networks (CIDR)."""

    def __init__(self, entries: Sequence[str]) -> None:
        networks = {entry: _network(entry) for entry in entries}
        names = [entry.lower() for entry, network in networks.items() if network is None]
        self._networks = tuple(network for network in networks.values() if network is not None)
        self._names = frozenset(name for name in names if not name.startswith("*."))
        self._suffixes = tuple(name[1:] for name in names if name.startswith("*."))

    def may_allow(self, location: Location) -> bool:
        """Tell whether the host is allowed as far as can be told without looking up its addresses."""
        if location.address is not None:
            return self.allow(location.host, location.address)
        return self._is_named(location.host) or bool(self._networks)

    def allow(self, host: str, address: Address) -> bool:
        """Tell whether a host, spelled as in a :class:`Location`, may be connected to at one of its addresses."""
        if host in self._names:
            return True
        if self._is_listed(address) or self._is_listed(_carried(address)):
            return True
        return self._is_named(host) and is_public(address)

    def _is_listed(self, address: Address) -> bool:
        return any(address in network for network in self._networks)

    def _is_named(self, host: str) -> bool:
        return host in self._names or host.endswith(self._suffixes)


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the public Internet: unicast, routed everywhere, no other one in disguise.

    Addresses in IPv6 that carry one in IPv4 (mapped, 6to4, NAT64) are as public as what they carry.
    """
    match address:
        case IPv4Address():
            return _is_routed(address) and not any(address in network for network in _NOT_PUBLIC_IPV4)
        case IPv6Address(ipv4_mapped=IPv4Address() as carried) | IPv6Address(sixtofour=IPv4Address() as carried):
            return is_public(carried)
        case _ if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        case _:
            special = any(address in network for network in _NOT_PUBLIC_IPV6)
            return address in _PUBLIC_IPV6 and not special and _is_routed(address)


def _is_routed(address: Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved


def _carried(address: Address) -> Address:
    """Return the IPv4 address that a mapped one is on the wire; any other as it is."""
    return getattr(address, "ipv4_mapped", None) or address


def _network(entry: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(entry, strict=False)
    except ValueError:
        return None
