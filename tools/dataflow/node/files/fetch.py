"""Getting what a URL system has at a URL, as far as plain sources of files need it.

Rules: configuration-systems-url.rst (`url_pattern`, `base_url`, `headers`, basic authentication, `verify_ssl`, timeouts).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from dataflow.errors import PumpFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.node.reach import Reach

CONNECT_TIMEOUT, READ_TIMEOUT = 60, 1800


def fetched(reach: Reach, system_id: str, url: str) -> bytes:
    """The body of the answer to a GET. Raises PumpFailed for any answer but a success, and for none."""
    import requests

    system = reach.system(system_id)
    if system.config.get("type") != "system:url":
        kind = system.config.get("type")
        raise PumpFailed(f'system "{system_id}" is a {kind}; files are read from a system:url')
    config: dict[str, Any] = reach.filled(system_id, system.config)
    with requests.Session() as session:
        # What the machine has set up for its user (proxies, .netrc) is none of the package's business.
        session.trust_env = False
        if config.get("authentication") == "basic":
            session.auth = (str(config.get("username", "")), str(config.get("password", "")))
        timeouts = config.get("connect_timeout", CONNECT_TIMEOUT), config.get("read_timeout", READ_TIMEOUT)
        headers = {str(name): str(value) for name, value in (config.get("headers") or {}).items()}
        verified = config.get("verify_ssl") is True
        try:
            answer = session.get(_absolute(config, url), headers=headers, timeout=timeouts, verify=verified)
        except requests.RequestException as error:
            # The exception's own text has the address in it, which may hold a secret.
            raise PumpFailed(f'system "{system_id}": {url} cannot be read: {type(error).__name__}') from None
    if not answer.ok:
        raise PumpFailed(f'system "{system_id}": {url} cannot be read: {answer.status_code} {answer.reason}')
    return answer.content


def _absolute(config: Mapping[str, Any], url: str) -> str:
    if url.lower().startswith(("http://", "https://")):
        return url
    pattern = config.get("url_pattern")
    if type(pattern) is str:
        return pattern.replace("%s", url, 1) if "%s" in pattern else pattern + url
    return urljoin(str(config.get("base_url", "")), url)
