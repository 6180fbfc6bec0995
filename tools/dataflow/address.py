"""Addresses on this machine that something listens at."""

from __future__ import annotations

import ipaddress
import socket

from dataflow.errors import UsageError


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the host, given as an address or as `localhost`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def bound(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 is any free one. Raises UsageError when the address cannot be had."""
    if not 0 <= port <= 65535:
        raise UsageError(f"{port} is no port; ports go from 0, any free one, to 65535")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # Named, because asyncio switches Nagle's delay off only for sockets that say they are TCP.
        made = socket.socket(family, kind, socket.IPPROTO_TCP)
    except OSError as error:
        raise UsageError(f"{host}:{port} is no address here: {error}") from None
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(128)
    except OSError as error:
        made.close()
        raise UsageError(f"port {port} of {host} cannot be had: {error.strerror}; choose another with --port") from None
    return made


def url_of(listening: socket.socket, host: str) -> str:
    """`http://host:port` of a listening socket, without a slash at the end."""
    return f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
