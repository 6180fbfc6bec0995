"""Where a request goes: a relative URL put into the address of its system.

Rules: configuration-systems-url.rst (`url_pattern`, `base_url`), configuration-systems-microservice.rst; decision 0430.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from dataflow.errors import PumpFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)


def absolute(system_id: str, config: Mapping[str, Any], url: str) -> str:
    """The URL itself when it is absolute, else as the system places it. Raises PumpFailed for a system without an address."""
    if _ABSOLUTE.match(url):
        return url
    pattern, base = config.get("url_pattern"), config.get("base_url")
    if type(pattern) is str:
        found = pattern.replace("%s", url, 1) if "%s" in pattern else pattern + url
    elif type(base) is str:
        found = urljoin(base, url)
    else:
        found = _microservice(system_id, config) + url.removeprefix("/")
    if not _ABSOLUTE.match(found):
        raise PumpFailed(f'system "{system_id}" has no http or https address: url_pattern is "{pattern or base}"')
    return found


def _microservice(system_id: str, config: Mapping[str, Any]) -> str:
    """A node here starts no containers: the service is expected to run on this machine."""
    docker = config.get("docker")
    port = docker.get("port") if type(docker) is dict else None
    if type(port) is not int:
        raise PumpFailed(f'system "{system_id}" has no address: it needs "url_pattern", or "docker.port"')
    scheme = "https" if config.get("use_https") is True else "http"
    return f"{scheme}://127.0.0.1:{port}/"
