"""Where messages may go: https addresses that lead into the public network and nowhere else.

A name is looked up once, each address that it has is judged, and the connection goes to an address that was judged:
a second lookup could answer otherwise (DNS rebinding). OWASP, Server-Side Request Forgery Prevention Cheat Sheet.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from django.conf import settings

from cluster_portal.webhooks.errors import AddressRefused

#: IPv4 behind a translator to IPv6 (RFC 6052); the last 32 bits are the address that is meant.
TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
#: 2130706433, 0177.0.0.1 and 0x7f.1 are addresses to some programs and names to others.
NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)\.?", re.IGNORECASE)
PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a receiver's address; `target` is its path with the query."""

    secure: bool
    host: str
    port: int
    target: str


def parse(url: str) -> Address:
    """The parts of `url`. Raises AddressRefused for one that messages do not go to, whatever its name leads to."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS[parts.scheme]
        host = (parts.hostname or "").rstrip(".").encode("idna").decode()
    except (ValueError, KeyError) as exc:
        raise AddressRefused from exc
    private = settings.WEBHOOK_PRIVATE_NETWORKS
    odd = not url.isprintable() or " " in url or "\\" in url
    if odd or not host or "@" in parts.netloc or parts.fragment or (parts.scheme != "https" and not private):
        raise AddressRefused
    literal = _literal(host)
    if literal is None and NUMBER.fullmatch(host.rsplit(".", 1)[-1]):
        raise AddressRefused
    if literal is not None and not is_open(literal):
        raise AddressRefused
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.scheme == "https", host, port, target)


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_open(address: IPv4Address | IPv6Address) -> bool:
    """Whether messages may go to this address: public, or private networks are allowed by the settings."""
    return settings.WEBHOOK_PRIVATE_NETWORKS or _is_public(address)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        meant = address.ipv4_mapped or address.sixtofour
        if meant is None and any(address in network for network in TRANSLATED):
            meant = IPv4Address(int(address) & 0xFFFFFFFF)
        if meant is not None:
            return _is_public(meant)
        if address.is_site_local or address.teredo or address.scope_id:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def resolve(address: Address) -> str:
    """The one address to connect to. Raises AddressRefused where any that the name has is closed, OSError for none."""
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    known = [ip_address(place[0]) for *_kind, place in found]
    if not known or not all(is_open(one) for one in known):
        raise AddressRefused
    return str(known[0])
