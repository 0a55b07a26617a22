"""Which addresses the service may connect to when somebody else has named the host. Pure.

Whoever names a host must not reach by it what only the service can reach: its own machine, the networks around it, the cloud's metadata.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

# All that has been given out to be reached from everywhere (RFC 4291 §2.4). What Python calls global is more than that.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# Set aside (RFC 6890, RFC 7526); older Pythons count parts of them to the world.
_SET_ASIDE = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
_NAT64 = IPv6Network("64:ff9b::/96")


def inner(address: Address) -> Address:
    """The IPv4 address where an IPv6 one leads to one: mapped, 6to4 and NAT64."""
    if isinstance(address, IPv4Address):
        return address
    embedded = address.ipv4_mapped or address.sixtofour
    if embedded is None and address in _NAT64:
        embedded = IPv4Address(int(address) & 0xFFFFFFFF)
    return embedded or address


def is_allowed(text: str, networks: Sequence[Network] = ()) -> bool:
    """Whether this is an address of the world, or in one of the networks that the operator has named."""
    try:
        address = inner(ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    if any(address in network for network in networks):
        return True
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    if any(address in network for network in _SET_ASIDE):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def is_named(text: str, networks: Sequence[Network]) -> bool:
    """Whether the operator has named the network of this address."""
    try:
        address = inner(ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    return any(address in network for network in networks)


def is_loopback(host: str | None) -> bool:
    """Whether this host is the machine itself, so that nobody stands between."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
