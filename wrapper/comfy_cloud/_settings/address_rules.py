"""Which addresses belong to the public internet. Pure rules.

The ranges are listed here, because `ipaddress` knows more of them with every Python release.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

# IANA's special-purpose addresses, multicast, the anycast relays of 6to4, and the address at which
# Azure shows a machine its own secrets.
_SPECIAL_IPV4 = [
    (ip_network(network), what)
    for network, what in (
        ("0.0.0.0/8", "an unspecified address"),
        ("10.0.0.0/8", "a private address"),
        ("100.64.0.0/10", "a private address of a provider"),
        ("127.0.0.0/8", "a loopback address"),
        ("168.63.129.16/32", "an address within a data centre"),
        ("169.254.0.0/16", "a link-local address"),
        ("172.16.0.0/12", "a private address"),
        ("192.0.0.0/24", "a reserved address"),
        ("192.0.2.0/24", "a reserved address"),
        ("192.88.99.0/24", "a reserved address"),
        ("192.168.0.0/16", "a private address"),
        ("198.18.0.0/15", "a reserved address"),
        ("198.51.100.0/24", "a reserved address"),
        ("203.0.113.0/24", "a reserved address"),
        ("224.0.0.0/4", "a multicast address"),
        ("240.0.0.0/4", "a reserved address"),
    )
]
_GLOBAL_IPV6 = ip_network("2000::/3")
_SPECIAL_IPV6 = [
    (ip_network(network), what)
    for network, what in (
        ("::/128", "an unspecified address"),
        ("::1/128", "a loopback address"),
        ("2001::/23", "a reserved address"),  # Teredo among them
        ("2001:db8::/32", "a reserved address"),
        ("3fff::/20", "a reserved address"),
        ("fc00::/7", "a private address"),
        ("fe80::/10", "a link-local address"),
        ("fec0::/10", "a private address"),
        ("ff00::/8", "a multicast address"),
    )
]
_NAT64 = ip_network("64:ff9b::/96")


def literal_address(host: str) -> Address | None:
    """The address of a host that is written as one, without brackets; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def looks_like_an_address(host: str) -> bool:
    """Whether some resolvers would read a name as an IPv4 address, such as 127.1 or 0x7f000001."""
    last = host.rstrip(".").rpartition(".")[2].lower()
    return last.isdigit() or (last.startswith("0x") and all(char in "0123456789abcdef" for char in last[2:]))


def why_not_public(address: Address) -> str | None:
    """What an address is if it is not public, in words; None for a public one.

    An IPv4 address inside an IPv6 address counts: mapped, or translated by NAT64 or 6to4.
    """
    inner = _inner_ipv4(address)
    if inner is not None:
        return why_not_public(inner)
    for network, what in _SPECIAL_IPV4 if address.version == 4 else _SPECIAL_IPV6:
        if address in network:
            return what
    if address.version == 6 and address not in _GLOBAL_IPV6:
        return "a reserved address"
    return None


def is_loopback_address(address: Address) -> bool:
    """Whether an address never leaves this machine."""
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (inner or address).is_loopback


def _inner_ipv4(address: Address) -> IPv4Address | None:
    if not isinstance(address, IPv6Address):
        return None
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour
