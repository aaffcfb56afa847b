"""Which hosts lie on the public network: an address that people type must not lead into our own (pure)."""

import ipaddress
import socket

_EMBEDDING = tuple(  # IPv6 networks whose last 32 bits are an IPv4 address that a gateway leads to
    ipaddress.IPv6Network(text) for text in ("::/96", "::ffff:0:0/96", "64:ff9b::/96")
)
_NOT_PUBLIC = tuple(  # which the registry of special addresses leaves open
    ipaddress.IPv6Network(text) for text in ("64:ff9b:1::/48", "2002::/16", "fec0::/10")
)
_IPV4_BITS = 0xFFFFFFFF


def is_public(address: str) -> bool:
    """Return whether an address lies on the public network, also the IPv4 address that an IPv6 one stands for."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if any(ip in network for network in _NOT_PUBLIC):
            return False
        if any(ip in network for network in _EMBEDDING):
            ip = ipaddress.IPv4Address(int(ip) & _IPV4_BITS)
    return ip.is_global and not ip.is_multicast


def is_private(host: str) -> bool:
    """Return whether a host is written as an address that is not public; a name is looked up when something is sent."""
    text = host.strip("[]")
    try:
        return not is_public(text)
    except ValueError:
        pass
    try:  # 127.1, 0x7f.1 and 2130706433 are addresses too, to whoever connects
        return not is_public(socket.inet_ntoa(socket.inet_aton(text)))
    except (OSError, UnicodeError):
        return host.rstrip(".").lower() == "localhost"
